# What rooms of Discord and Matrix are told, and how that is chosen.

webhook-form = Forma de la llamada
webhook-form-hint = Discord y Matrix reciben una frase y un enlace. La dirección es la de un webhook de un canal, o de hookshot.
webhook-standard = evento firmado
webhook-discord = Discord
webhook-matrix = Matrix (hookshot)
hook-uploaded = Nueva subida: { $what }
hook-published = { $who } publicó { $what }
hook-blocked = { $what } fue bloqueado
hook-unblocked = { $what } ya no está bloqueado
hook-live = { $who } está en directo: { $what }
hook-comment = { $who } comentó { $what }
hook-comment-approved = Se aprobó un comentario de { $who } en { $what }
hook-followed = { $who } sigue a { $what }
hook-registered = Cuenta nueva: { $who }
hook-asked = { $who } pide una cuenta
hook-reported = Nueva denuncia (n.º { $report })
hook-decided = Se decidió la denuncia n.º { $report }
hook-imported = Importación terminada: { $what }
hook-import-failed = Falló la importación: { $what }
hook-test = Esto es una prueba.
