# Pages that visitors see, and why some are closed.

sensitive-badge = sensible
download-sound = Solo sonido
video-lost = Este vídeo no está aquí.
video-blocked = Este vídeo está bloqueado aquí.
video-blocked-text = Quienes llevan este lugar lo han retirado de la vista.
video-internal = Este vídeo es para personas con una cuenta aquí.
video-internal-text = Inicia sesión para verlo.
video-private = Este vídeo es privado.
video-private-login = Solo lo ve quien lo hizo. Si eres tú, inicia sesión.
video-private-text = Solo lo ve quien lo hizo.
browse-liked = Muy apreciados
about-moderation = Moderación
figure-comments = Comentarios
remote-none = Ese servidor no dice desde dónde se puede seguir.
remote-here = ¿Tienes una cuenta aquí?
history-forget = Olvidar todo
history-sure = ¿Olvidar todo lo que has visto?
history-gone = Olvidado.
comment-gone-by = retirado
comment-approve = Aprobar
comments-more = Comentarios anteriores
comment-length = Un comentario tiene de 1 a 10 000 caracteres.
comment-waits = Gracias. Quien hizo el vídeo lo mirará primero.
playlist-hidden = no listada
playlist-delete-sure = ¿Quitar la lista «{ $name }»? Los vídeos se quedan.
playlist-deleted = La lista se ha quitado.
playlist-gone = Un vídeo que ya no está o no es para ti
playlist-up = Antes
playlist-down = Después
playlist-new = Lista nueva
playlist-make = Crear
playlist-name-bad = Un nombre tiene de 1 a 120 caracteres.
list-place = Número { $position } · { $note }

# What moderators did, for everybody
acts-title = Lo que hizo la moderación
acts-lead = Cada decisión con su día y sus motivos, sin ningún nombre.
acts-none = Aún no ha habido nada que decidir.
acts-blocked = Se bloqueó un vídeo
acts-unblocked = Un vídeo vuelve a mostrarse
acts-accepted-video = Se aceptó una denuncia sobre un vídeo
acts-accepted-comment = Se aceptó una denuncia sobre un comentario
acts-accepted-account = Se aceptó una denuncia sobre una cuenta
acts-refused-video = Se rechazó una denuncia sobre un vídeo
acts-refused-comment = Se rechazó una denuncia sobre un comentario
acts-refused-account = Se rechazó una denuncia sobre una cuenta
acts-muted-account = Se silenció una cuenta para todos
acts-muted-server = Se silenció un servidor para todos
acts-unmuted-account = Una cuenta vuelve a ser visible
acts-unmuted-server = Un servidor vuelve a ser visible
said-at = Dicho en { $time }

about-elsewhere = En otros lugares
embed-not-here = Este vídeo no se muestra aquí
embed-not-here-text = Quien lo hizo ha nombrado los sitios que pueden mostrarlo, y este no es uno de ellos.
