# Links to videos that are shared.

shared-title = Alguien comparte un vídeo contigo.
shared-text = Este enlace se abre solo unas pocas veces. Cuando lo abras, podrás ver el vídeo durante doce horas.
shared-left = { $count ->
    [one] Se abre una vez más.
   *[other] Se abre { $count } veces más.
}

# Changes of many videos at once.

bulk-more = Más cambios
bulk-keep = Dejar como está
bulk-yes = Sí
bulk-no = No
bulk-add-tags = Añadir etiquetas, separadas por comas
bulk-remove-tags = Quitar etiquetas, separadas por comas
bulk-apply = Cambiar los vídeos elegidos

# Videos that are fetched from elsewhere.

imports = Desde una dirección
import-address = Dirección del vídeo
import-hint = Un archivo, o una página con un vídeo. Se toman el título, la descripción, las etiquetas y la imagen.
import-hint-torrent = O un enlace magnet: se trae de quienes lo tienen.
import-begin = Traer
import-begun = Se está trayendo.
import-off = Este sitio no trae nada de otros lugares.
imports-none = Aún no ha traído nada.
import-waits = En espera
import-runs = Trayendo
import-done = Traído
import-failed = Falló
import-cancelled = Cancelado
import-retry = Reintentar
import-cancel = Cancelar
import-forget = Olvidar
import-again = Mirar otra vez
import-changed = Hecho.

# The age at which one may join.

signup-age = Tengo al menos { $age } años.
signup-age-first = Confirme la edad que hay que tener para unirse.

# Channels of other sites that are kept in step.

syncs = Canales que se siguen de otros sitios
syncs-hint = Lo nuevo de un canal de otro sitio llega aquí por sí solo, visible para todos.
sync-address = Dirección del canal allí
sync-begin = Seguir
sync-begun = Desde ahora se mira cada hora.
sync-now = Mirar ahora
sync-end = Dejar de seguir
sync-done = Al día

# A search that another site answers.

search-only-here = Solo en este sitio

# What one has reported.

own-reports = Tus denuncias
own-reports-lead = Lo que has contado a la moderación, y lo que dijo
own-reports-none = No has denunciado nada. Vídeos, comentarios y cuentas tienen un botón para ello.
own-report-talk = Conversación con la moderación
own-report-said = { $count ->
    [one] Un mensaje
   *[other] { $count } mensajes
}

# The front page, row by row.

home-rows = Portada
home-rows-lead = Lo que hay en la portada, de arriba abajo.
home-rows-none = La portada encuentra su propio orden: lo nuevo, lo más visto, lo hecho aquí. Añade una fila para elegir tú.
home-row = Fila
home-row-about = Sobre
home-row-add = Añadir una fila
home-row-hint = Para un canal su nombre, para una etiqueta la palabra, para una lista el final de su dirección, para un texto Markdown. Las demás no necesitan nada.
home-row-up = Subir
home-row-down = Bajar
home-row-wrong = A esta fila le falta de qué trata, o no admite nada.
home-row-missing = Aquí no hay tal canal ni tal lista pública.
home-row-feature = Última obra, en grande
home-row-new = Vídeos nuevos
home-row-trending = Muy vistos
home-row-local = Hecho aquí
home-row-channels = Canales activos
home-row-channel = Vídeos de un canal
home-row-tag = Vídeos con una etiqueta
home-row-playlist = Una lista
home-row-text = Un texto

# Who follows a channel.

followers = Seguidores
followers-lead = Se enteran de lo nuevo de este canal. Quien se aparta puede volver: silenciarlo lo mantiene lejos.
followers-none = Nadie sigue todavía este canal.
follower-gone = Ya no sigue este canal.

# A playlist that is watched as a programme.

programme-join = Lo que se emite ahora
programme-hint = Todos ven lo mismo a la vez, día y noche.
programme-now = Volver a lo que se emite ahora

offers = Ofertas
offers-lead = Vídeos y canales que cambian de manos, y canales en los que te piden ayuda.
offers-none = Nadie te ha ofrecido nada, y tú no has ofrecido nada.
offers-what = Qué
offers-video = Vídeo
offers-channel = Canal con sus vídeos
offers-help = Te piden ayuda
offers-from = { $name } quiere dártelo
offers-to = Espera a { $name }
offers-take = Aceptar
offers-into = En este canal
offers-refuse = Rechazar
offers-withdraw = Retirar
offers-taken = Ahora es tuyo.
offers-refused = La oferta se ha rechazado.
offers-withdrawn = La oferta se ha retirado.
offers-give = Regalar algo
offers-thing = Vídeo o canal
offers-thing-hint = Su dirección, o el nombre del canal.
offers-offer = Ofrecer
offers-made = La oferta está hecha. Cambia de manos cuando se acepta.
offers-unknown = No hay tal vídeo ni canal.
offers-not-yours = Eso no es tuyo.
offers-twice = Ya está ofrecido a alguien, o ya es suyo.

own-mutes = Silenciados
own-mutes-lead = No ves ni oyes lo que dicen y hacen.
own-mutes-none = No has silenciado a nadie. Hay un botón en la página de cada cuenta.
mute-yourself = No puedes silenciarte.
muted-by-you = Lo has silenciado
muted-by-site = Silenciado aquí para todos
muted-server-by-you = Has silenciado su servidor
muted-server-by-site = Su servidor está silenciado aquí para todos
reports-choose = No has elegido nada. Marca antes las denuncias.
reports-decided = Decidido. Quienes denunciaron lo saben.
