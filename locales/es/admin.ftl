# La sala de máquinas: lo que ven quienes llevan el lugar.

admin-health = Salud
admin-jobs = Trabajos
admin-people = Personas
admin-videos = Vídeos
admin-settings = Ajustes
health-well = Todo está bien.
health-some = { $count ->
    [one] Una cosa te necesita.
   *[other] { $count } cosas te necesitan.
}
mood-good = Bien
mood-warn = Aviso
mood-bad = Problema
check-database = Base de datos
check-database-text = Responde en { $ms } ms.
check-disk = Disco
check-disk-text = { $free } libres donde están los vídeos.
check-jobs = Hacer calidades
check-jobs-text = { $waiting } esperan, { $running } en marcha.
check-failed = { $count ->
    [one] Un trabajo ha fallado
   *[other] { $count } trabajos han fallado
}
check-failed-text = Cada uno dice por qué y se puede repetir.
check-mail = Correo
check-mail-off = El correo no está puesto; nadie recibe cartas por contraseña olvidada.
check-mail-on = Las cartas salen por { $host }.
check-address = Dirección
check-address-text = Este lugar se encuentra en { $url }.
check-address-local = La dirección pública es { $url }; desde fuera aún no se llega.
jobs-lead = { $waiting } esperan, { $running } en marcha, { $failed } fallidos
jobs-empty = Ahora mismo no se hace nada.
job-kind = Qué
job-state = Estado
job-tries = Intentos
job-when = Cuándo
job-waiting = espera
job-running = en marcha
job-done = hecho
job-failed = fallido
job-cancelled = parado
job-retry = Probar otra vez
job-cancel = Parar
job-retried = Se probará otra vez.
people-lead = Todos los que tienen cuenta aquí
people-empty = Nadie todavía.
person-name = Nombre
person-role = Papel
person-mail = Correo
person-videos = Vídeos
person-state = Estado
role-0 = Administración
role-1 = Moderación
role-2 = Miembro
person-blocked = cerrada
person-open = abierta
person-block = Cerrar
person-unblock = Abrir otra vez
person-block-sure = ¿Cerrar esta cuenta? No se quita nada de ella.
admin-videos-lead = Todo lo de este lugar, lo más nuevo primero
video-block = Bloquear
video-unblock = Desbloquear
video-block-sure = ¿Bloquear este vídeo? Solo lo verá quien lo hizo.
setting-name = Nombre de este lugar
setting-short = En una línea
setting-about = Acerca de él
setting-terms = Reglas
setting-signup = Cuentas nuevas
setting-signup-open = Se puede crear una cuenta
setting-signup-approval = Alguien mira antes cada petición
setting-look = Qué es
setting-look-hint = Las palabras que se ven primero.
setting-signup-hint = Quién puede entrar.
setting-hue = Tono del sitio (0 a 359)
