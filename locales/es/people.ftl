# Invitaciones.

signup-invited = { $name } te ha invitado.
passkeys = Llaves de acceso
passkeys-hint = Entra con tu dedo, tu cara o una llave en vez de una contraseña. Nadie puede leerla por encima de tu hombro.
passkey-name = Un nombre, por ejemplo Mi teléfono
passkey-add = Crear una llave de acceso
passkey-login = Entrar con una llave de acceso
passkey-failed = No ha funcionado. Inténtalo de nuevo o usa tu contraseña.
broadcast-away = Ocultar
