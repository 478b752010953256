# Le cadre de chaque page, les listes et les erreurs.

skip = Aller au contenu
nav-main = Principal
nav-home = Accueil
nav-discover = Découvrir
nav-subscriptions = Abonnements
search = Chercher
search-label = Chercher des vidéos et des chaînes
theme = Clair ou sombre
menu = Menu
upload = Envoyer
your-account = { $name }, votre compte
your-videos = Vos vidéos
your-playlists = Vos listes
history = Déjà vu
settings = Réglages
admin = Salle des machines
login = Se connecter
logout = Se déconnecter
signup = Créer un compte
about-place = À propos de ce lieu
rules = Règles
feeds = Flux
language = Langue
change = Changer
runs-on = Fonctionne avec Vidicon
live = en direct
watched = Vu
watch = Regarder
watch-on = Regarder sur { $site }
see-all = Tout voir
channels = Chaînes
videos = Vidéos
video = Vidéo
pages = Pages
pages-back = Précédente
pages-next = Suivante
pages-now = Page { $page }
close = Fermer
copy = Copier
copied = Copié
save = Enregistrer
saved = Enregistré.
edit = Modifier
remove = Retirer
ready = prête
name = Nom
time = Temps
state = État
size = Taille
actions = Actions
look = Voir
what-it-said = Le message d’origine
home-feature = La plus récente
home-empty = Rien à regarder pour l’instant.
home-empty-text = Ce lieu est neuf. La première vidéo peut durer dix secondes.
home-new = Nouveautés
home-trending = Très regardées
home-local = Faites ici
search-quote = « { $words } »
search-count = { $count ->
    [0] Rien trouvé
    [one] Une vidéo
   *[other] { $count } vidéos
}
search-none = Rien ne correspond à ces mots.
search-none-text = Essayez avec moins de mots, ou cherchez l’auteur.
order = Ordre
order-match = Les plus proches
order-new = Les plus récentes
order-views = Les plus regardées
order-short = Les plus courtes
order-long = Les plus longues
order-trending = Tendances
filter-any-length = Toutes durées
filter-short = Moins de 4 minutes
filter-medium = De 4 à 10 minutes
filter-long = Plus de 10 minutes
filter-here = Faites ici
filter-live = En direct
to-front = Aller à l’accueil
error-400 = Cela ne peut pas se faire.
error-401 = Connectez-vous, s’il vous plaît.
error-401-text = Cette page est pour les personnes qui ont un compte ici.
error-403 = Ce n’est pas pour vous.
error-403-text = Son auteur ou ce lieu a décidé qui peut la voir.
error-404 = Il n’y a rien à cette adresse.
error-404-text = La vidéo a peut-être changé de place, ou son auteur l’a retirée. Si quelqu’un vous a donné ce lien, demandez-lui le nouveau.
error-413 = C’est trop gros.
error-429 = C’était un peu rapide.
error-429-text = Attendez un instant et réessayez.
error-500 = Quelque chose est cassé ici.
error-500-text = Vous n’y êtes pour rien. C’est noté, et quelqu’un regardera.
error-text = Revenez en arrière, corrigez et réessayez. Ce que vous avez écrit est encore là.
cross-site = Cela venait d’un autre site et n’a donc pas été fait.
views-count = { $count ->
    [one] { $count } vue
   *[other] { $count } vues
}
videos-count = { $count ->
    [0] pas encore de vidéo
    [one] une vidéo
   *[other] { $count } vidéos
}
followers-count = { $count ->
    [0] pas encore d’abonné
    [one] un abonné
   *[other] { $count } abonnés
}
video-and-followers = { $videos } · { $followers }
date = { $day } { $month } { $year }
month-1 = janvier
month-2 = février
month-3 = mars
month-4 = avril
month-5 = mai
month-6 = juin
month-7 = juillet
month-8 = août
month-9 = septembre
month-10 = octobre
month-11 = novembre
month-12 = décembre
ago-now = à l’instant
ago-minutes = { $count ->
    [one] il y a une minute
   *[other] il y a { $count } minutes
}
ago-hours = { $count ->
    [one] il y a une heure
   *[other] il y a { $count } heures
}
ago-days = { $count ->
    [one] hier
   *[other] il y a { $count } jours
}
length-s = { $seconds } s
length-ms = { $minutes } min { $seconds } s
length-hm = { $hours } h { $minutes } min
subscriptions-lead = Ce qu’ont fait les chaînes que vous suivez
subscriptions-empty = Vous ne suivez personne pour l’instant.
subscriptions-empty-text = Appuyez sur Suivre sur une chaîne, et ses nouvelles vidéos seront ici.
history-lead = Ce que vous avez regardé, le plus récent d’abord
history-empty = Rien regardé pour l’instant.
history-empty-text = Les vidéos regardées en étant connecté seront ici.
playlists-lead = Les listes que vous tenez
playlists-empty = Pas encore de liste.
playlists-empty-text = Appuyez sur Garder sous une vidéo pour en commencer une.
playlist-empty = Cette liste est vide.
playlist-note = { $count ->
    [0] aucune vidéo
    [one] une vidéo
   *[other] { $count } vidéos
}
watch-all = Regarder depuis le début
channel-videos = Vidéos
channel-playlists = Listes
channel-about = À propos
account-channels = Chaînes
channel-empty = Pas encore de vidéo.
made-by = Faite par
about-what = Ce qu’est ce lieu
about-rules = Règles
about-who = Qui le tient
about-nothing = Personne n’a encore rien écrit ici.
about-figures = En chiffres
figure-videos = Vidéos faites ici
figure-people = Personnes
figure-views = Vues
software = Logiciel
software-text = Ce site fonctionne avec Vidicon { $version }, un logiciel libre sous AGPL.
remote-title = Suivre depuis chez vous
remote-text = Vous avez un compte sur un autre serveur ? Donnez son adresse et nous vous y menons.
remote-handle = Votre nom là-bas, comme moi@ailleurs.example
remote-go = Y aller
remote-bad = Cela ne ressemble pas à nom@serveur.
size-b = { $n } o
size-kb = { $n } ko
size-mb = { $n } Mo
size-gb = { $n } Go
size-tb = { $n } To
