# Correos sobre cuentas.

mail-hello = Hola, { $name }:
mail-first-subject = Elige tu contraseña
mail-first = se ha creado una cuenta para ti en { $site }. Elige tu contraseña aquí, en un plazo de siete días:
mail-forgotten-subject = Nueva contraseña para tu cuenta
mail-forgotten = alguien ha pedido una nueva contraseña para tu cuenta en { $site }. Elígela aquí, en el plazo de una hora:
mail-forgotten-end = Si no fuiste tú, no hagas nada: tu contraseña sigue igual.
mail-prove-subject = Confirma tu dirección en { $site }
mail-prove = confirma en el plazo de una hora que esta dirección de correo es tuya:
mail-prove-end = Si no te registraste en { $site }, no hagas nada.
mail-accepted-subject = Tu solicitud para { $name } ha sido aceptada
mail-accepted = Tu solicitud para unirte a { $site } ha sido aceptada. Entra aquí:
mail-rejected-subject = Tu solicitud para { $name } ha sido rechazada
mail-rejected = Tu solicitud para unirte a { $site } ha sido rechazada.
mail-account-blocked-subject = Cuenta bloqueada
mail-account-blocked = tu cuenta en { $site } ha sido bloqueada.
mail-account-unblocked-subject = Cuenta desbloqueada
mail-account-unblocked = tu cuenta en { $site } ha sido desbloqueada.
mail-reason = Motivo: { $reason }
mail-device-subject = Nuevo inicio de sesión en tu cuenta
mail-device = alguien ha entrado en tu cuenta en { $site } con un dispositivo que no se había visto antes:
mail-device-end = Si fuiste tú, no hay nada que hacer. Si no, cambia tu contraseña; eso cierra todas las demás sesiones:
