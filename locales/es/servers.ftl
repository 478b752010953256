# Otros servidores: cómo se llega a ellos y quién sigue a quién.

follows-none = Ninguno todavía.
server = Servidor
server-well = alcanzado
server-failing = no alcanzado
server-untried = aún sin probar
server-failures = { $count ->
    [one] Un intento ha fallado
   *[other] { $count } intentos han fallado
}
server-lead = { $waiting } en espera, { $missed } no aceptados. Lo no aceptado puede enviarse de nuevo durante un mes.
server-missed = no aceptado
server-retry = Probar ahora
server-again = Enviar de nuevo
server-again-all = Enviar todo de nuevo
server-tried = Se está enviando ahora.
about-follows = Lugares conectados
about-follows-lead = Los vídeos van y vienen entre este lugar y estos.
about-followers = Lugares que siguen a este
about-followings = Lugares que este sigue
