# Links to videos that are shared.

shared-title = Alguien comparte un vídeo contigo.
shared-text = Este enlace se abre solo unas pocas veces. Cuando lo abras, podrás ver el vídeo durante doce horas.
shared-left = { $count ->
    [one] Se abre una vez más.
   *[other] Se abre { $count } veces más.
}
