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
