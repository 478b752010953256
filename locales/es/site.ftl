# El marco de cada página, listas y errores.

skip = Ir al contenido
nav-main = Principal
nav-home = Inicio
nav-discover = Descubrir
nav-subscriptions = Suscripciones
search = Buscar
search-label = Buscar vídeos y canales
theme = Claro u oscuro
menu = Menú
upload = Subir
your-account = { $name }, tu cuenta
your-videos = Tus vídeos
your-playlists = Tus listas
history = Visto
settings = Ajustes
admin = Sala de máquinas
login = Entrar
logout = Salir
signup = Crear una cuenta
about-place = Sobre este lugar
rules = Reglas
feeds = Canales RSS
language = Idioma
change = Cambiar
runs-on = Funciona con Vidicon
live = en directo
watched = Visto
watch = Ver
watch-on = Ver en { $site }
see-all = Ver todo
channels = Canales
videos = Vídeos
video = Vídeo
pages = Páginas
pages-back = Atrás
pages-next = Siguiente
pages-now = Página { $page }
close = Cerrar
copy = Copiar
copied = Copiado
save = Guardar
saved = Guardado.
edit = Editar
remove = Quitar
ready = lista
name = Nombre
time = Tiempo
state = Estado
size = Tamaño
actions = Acciones
look = Mirar
what-it-said = El mensaje original
home-feature = Lo más nuevo
home-empty = Todavía no hay nada que ver.
home-empty-text = Este lugar es nuevo. El primer vídeo puede durar diez segundos.
home-new = Nuevo
home-trending = Muy visto
home-local = Hecho aquí
search-quote = «{ $words }»
search-count = { $count ->
    [0] No se encontró nada
    [one] Un vídeo
   *[other] { $count } vídeos
}
search-none = Nada encaja con estas palabras.
search-none-text = Prueba con menos palabras, o busca a quien lo hizo.
order = Orden
order-match = Mejor coincidencia
order-new = Más nuevos
order-views = Más vistos
order-short = Más cortos
order-long = Más largos
order-trending = Tendencias
filter-any-length = Cualquier duración
filter-short = Menos de 4 minutos
filter-medium = De 4 a 10 minutos
filter-long = Más de 10 minutos
filter-here = Hecho aquí
filter-live = En directo
to-front = Ir al inicio
error-400 = Eso no se puede hacer.
error-401 = Entra, por favor.
error-401-text = Esta página es para quienes tienen una cuenta aquí.
error-403 = Esto no es para ti.
error-403-text = Quien lo hizo o este lugar decidió quién puede verlo.
error-404 = No hay nada en esta dirección.
error-404-text = Puede que el vídeo se haya mudado o que lo hayan retirado. Si alguien te dio este enlace, pídele uno nuevo.
error-413 = Es demasiado grande.
error-429 = Eso fue un poco rápido.
error-429-text = Espera un momento y prueba otra vez.
error-500 = Aquí algo está roto.
error-500-text = No es culpa tuya. Quedó anotado y alguien lo mirará.
error-text = Vuelve atrás, cámbialo y prueba otra vez. Lo que escribiste sigue ahí.
cross-site = Esto vino de otro sitio, así que no se hizo.
views-count = { $count ->
    [one] una vista
   *[other] { $count } vistas
}
videos-count = { $count ->
    [0] todavía sin vídeos
    [one] un vídeo
   *[other] { $count } vídeos
}
followers-count = { $count ->
    [0] todavía sin seguidores
    [one] un seguidor
   *[other] { $count } seguidores
}
video-and-followers = { $videos } · { $followers }
date = { $day } de { $month } de { $year }
month-1 = enero
month-2 = febrero
month-3 = marzo
month-4 = abril
month-5 = mayo
month-6 = junio
month-7 = julio
month-8 = agosto
month-9 = septiembre
month-10 = octubre
month-11 = noviembre
month-12 = diciembre
ago-now = ahora mismo
ago-minutes = { $count ->
    [one] hace un minuto
   *[other] hace { $count } minutos
}
ago-hours = { $count ->
    [one] hace una hora
   *[other] hace { $count } horas
}
ago-days = { $count ->
    [one] ayer
   *[other] hace { $count } días
}
length-s = { $seconds } s
length-ms = { $minutes } min { $seconds } s
length-hm = { $hours } h { $minutes } min
subscriptions-lead = Lo que han hecho los canales que sigues
subscriptions-empty = Todavía no sigues a nadie.
subscriptions-empty-text = Pulsa Seguir en un canal y sus vídeos nuevos estarán aquí.
history-lead = Lo que has visto, lo más nuevo primero
history-empty = Todavía no has visto nada.
history-empty-text = Los vídeos que veas con tu cuenta estarán aquí.
playlists-lead = Las listas que llevas
playlists-empty = Todavía no hay listas.
playlists-empty-text = Pulsa Guardar bajo un vídeo para empezar una.
playlist-empty = Esta lista está vacía.
playlist-note = { $count ->
    [0] sin vídeos
    [one] un vídeo
   *[other] { $count } vídeos
}
watch-all = Ver desde el principio
channel-videos = Vídeos
channel-playlists = Listas
channel-about = Acerca de
account-channels = Canales
channel-empty = Todavía no hay vídeos.
made-by = Hecho por
about-what = Qué es este lugar
about-rules = Reglas
about-who = Quién lo lleva
about-nothing = Aquí nadie ha escrito nada todavía.
about-figures = En cifras
figure-videos = Vídeos hechos aquí
figure-people = Personas
figure-views = Vistas
software = Programa
software-text = Este sitio funciona con Vidicon { $version }, software libre bajo la AGPL.
remote-title = Seguir desde donde estás
remote-text = ¿Tienes una cuenta en otro servidor? Da su dirección y te llevamos.
remote-handle = Tu nombre allí, como yo@otrolugar.example
remote-go = Ir allí
remote-bad = Eso no parece nombre@servidor.
size-b = { $n } B
size-kb = { $n } kB
size-mb = { $n } MB
size-gb = { $n } GB
size-tb = { $n } TB
