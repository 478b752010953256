# Palabras de la página de subir que pone el programa.

js-untitled = sin título
js-queued = Siguiente
js-uploading = Subiendo
js-paused = En pausa. Lo que llegó se queda.
js-pause-upload = Pausa
js-go-on = Seguir
js-cancel-upload = Parar y quitar
js-cancel-sure = ¿Dejar de subir { $name }? Lo que llegó se tira.
js-sent-of = { $sent } de { $size }
js-speed = { $speed } por segundo
js-seconds-left = { $seconds ->
    [one] falta un segundo
   *[other] faltan { $seconds } segundos
}
js-minutes-left = { $minutes ->
    [one] falta un minuto
   *[other] faltan { $minutes } minutos
}
js-hours-left = faltan { $hours } h { $minutes } min
js-no-connection = { $seconds ->
    [one] El servidor no responde. Otro intento en un segundo
   *[other] El servidor no responde. Otro intento en { $seconds } segundos
}
js-waits-for-file = Espera su archivo
js-choose-again = Elige { $name } otra vez y seguirá donde se quedó.
js-choose-file = Elegir el archivo
js-arrived = Llegó
js-ready = Listo
js-stopped = Parado
js-upload-refused = El servidor no aceptó el archivo. { $code }
js-save-refused = No se pudo guardar.
js-remove = Quitar
js-watch-it = Ver
js-edit-it = Editar
js-save = Guardar
js-publish-now = Publicar
js-publish-later = Publicar cuando llegue
js-will-publish = Se publicará en cuanto llegue
js-published = Publicado
js-saved = Guardado
js-draft-saved = Borrador guardado
js-add-line = Añadir una línea
js-cue-start = Desde
js-cue-end = Hasta
js-cue-text = Palabras
js-chosen = { $count ->
    [one] uno elegido
   *[other] { $count } elegidos
}
