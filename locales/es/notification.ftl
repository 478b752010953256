# Correos sobre lo que pasa, y la página que los detiene.

mail-stop = No recibir más correos como este:
mail-digest = { $count ->
    [one] Una novedad
   *[other] { $count } novedades
}
mail-new-video = { $who } ha publicado un vídeo nuevo: { $what }
mail-new-live = { $who } está en directo: { $what }
mail-comment = Nuevo comentario de { $who } en tu vídeo { $what }
mail-mention = { $who } te menciona en el vídeo { $what }
mail-abuse-video = Nueva denuncia de un vídeo (n.º { $report })
mail-abuse-comment = Nueva denuncia de un comentario (n.º { $report })
mail-abuse-account = Nueva denuncia de una cuenta (n.º { $report })
mail-auto-blocked = Un vídeo nuevo espera moderación: { $what }
mail-blocked = El vídeo { $what } está bloqueado
mail-unblocked = El vídeo { $what } ya no está bloqueado
mail-published = Tu vídeo { $what } está publicado
mail-imported = La importación de { $what } ha terminado
mail-import-failed = La importación de { $what } ha fallado
mail-registered = Alguien se ha registrado en { $site }: { $who }
mail-registration-asked = { $who } pide una cuenta
mail-followed = Nueva suscripción a tu canal { $what }: { $who }
mail-server-followed = Otra instancia sigue a la nuestra: { $what }
mail-auto-followed = Nuestra instancia sigue a otra: { $what }
mail-abuse-accepted = La denuncia n.º { $report } ha sido aceptada
mail-abuse-rejected = La denuncia n.º { $report } ha sido rechazada
mail-abuse-message = Nuevo mensaje en la denuncia n.º { $report }
mail-new-version = Ha salido la versión { $what } de este programa
mail-studio-finished = La edición de tu vídeo { $what } ha terminado
mail-transcribed = La transcripción en { $language } de tu vídeo { $what } está lista
mail-collaboration-asked = { $who } te pide ayuda con el canal { $what }
mail-collaboration-accepted = { $who } ayuda ahora con tu canal { $what }
mail-collaboration-rejected = { $who } no quiere ayudar con tu canal { $what }
mail-ownership-offered = { $who } quiere darte { $what }
mail-ownership-accepted = { $who } se ha hecho cargo de { $what }
mail-ownership-rejected = { $who } no quiere { $what }
mail-blocklist-updated = La lista de bloqueo { $what } ha cambiado a quién se silencia
mail-test = Este sitio puede enviar correo
mail-test-text = Si lees esto, las cartas de { $site } llegan.
stop-title = Nuestros correos
stop-text = ¿Dejamos de enviarte correos de este tipo? Lo que pase seguirá en tus notificaciones.
stop-button = Dejar de recibirlos
stop-done = Hecho. Ya no recibirás correos de este tipo.
