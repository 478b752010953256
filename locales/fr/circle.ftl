# Links to videos that are shared.

shared-title = Quelqu’un partage une vidéo avec vous.
shared-text = Ce lien ne s’ouvre que quelques fois. Une fois ouvert, vous pouvez regarder pendant douze heures.
shared-left = { $count ->
    [one] Il s’ouvre encore une fois.
   *[other] Il s’ouvre encore { $count } fois.
}

# Changes of many videos at once.

bulk-more = Autres changements
bulk-keep = Laisser tel quel
bulk-yes = Oui
bulk-no = Non
bulk-add-tags = Ajouter des mots-clés, séparés par des virgules
bulk-remove-tags = Retirer des mots-clés, séparés par des virgules
bulk-apply = Changer les vidéos choisies

# Videos that are fetched from elsewhere.

imports = Depuis une adresse
import-address = Adresse de la vidéo
import-hint = Un fichier, ou une page avec une vidéo. Titre, description, mots-clés et image sont repris.
import-hint-torrent = Ou un lien magnet : la vidéo vient de celles et ceux qui l’ont.
import-begin = Récupérer
import-begun = La vidéo est en cours de récupération.
import-off = Ce site ne récupère rien ailleurs.
imports-none = Vous n’avez encore rien récupéré.
import-waits = En attente
import-runs = En cours
import-done = Récupérée
import-failed = Échec
import-cancelled = Annulée
import-retry = Réessayer
import-cancel = Annuler
import-forget = Oublier
import-again = Actualiser
import-changed = C’est fait.

# The age at which one may join.

signup-age = J’ai au moins { $age } ans.
signup-age-first = Confirmez l’âge qu’il faut avoir pour s’inscrire.

# Channels of other sites that are kept in step.

syncs = Chaînes suivies ailleurs
syncs-hint = Ce qui est nouveau sur une chaîne d’un autre site arrive ici de lui-même, visible par tous.
sync-address = Adresse de la chaîne là-bas
sync-begin = Suivre
sync-begun = Elle est désormais consultée chaque heure.
sync-now = Consulter maintenant
sync-end = Ne plus suivre
sync-done = À jour

# A search that another site answers.

search-only-here = Seulement sur ce site

# What one has reported.

own-reports = Vos signalements
own-reports-lead = Ce que vous avez signalé à la modération, et sa réponse
own-reports-none = Vous n’avez rien signalé. Vidéos, commentaires et comptes ont un bouton pour cela.
own-report-talk = Échange avec la modération
own-report-said = { $count ->
    [one] Un message
   *[other] { $count } messages
}

# The front page, row by row.

home-rows = Page d’accueil
home-rows-lead = Ce qui figure sur la page d’accueil, de haut en bas.
home-rows-none = La page d’accueil trouve son ordre elle-même : nouveautés, beaucoup vu, fait ici. Ajoutez une ligne pour choisir vous-même.
home-row = Ligne
home-row-about = À propos de
home-row-add = Ajouter une ligne
home-row-hint = Pour une chaîne son nom, pour un mot-clé le mot, pour une liste la fin de son adresse, pour un texte du Markdown. Les autres n’ont besoin de rien.
home-row-up = Monter
home-row-down = Descendre
home-row-wrong = Il manque à cette ligne son sujet, ou elle n’en prend pas.
home-row-missing = Il n’y a ici ni chaîne ni liste publique de ce nom.
home-row-feature = Dernière œuvre, en grand
home-row-new = Nouvelles vidéos
home-row-trending = Beaucoup vu
home-row-local = Fait ici
home-row-channels = Chaînes actives
home-row-channel = Vidéos d’une chaîne
home-row-tag = Vidéos avec un mot-clé
home-row-playlist = Une liste de lecture
home-row-text = Un texte

# Who follows a channel.

followers = Abonnés
followers-lead = Ils apprennent ce qu’il y a de neuf sur cette chaîne. Qui est renvoyé peut revenir : le masquer le tient à l’écart.
followers-none = Personne ne suit encore cette chaîne.
follower-gone = Cette personne ne suit plus la chaîne.

# A playlist that is watched as a programme.

programme-join = En ce moment
programme-hint = Tout le monde voit la même chose au même moment, jour et nuit.
programme-now = Revenir à ce qui passe en ce moment

offers = Offres
offers-lead = Les vidéos et chaînes qui changent de mains, et les chaînes pour lesquelles on demande votre aide.
offers-none = Personne ne vous a rien offert, et vous n’avez rien offert.
offers-what = Quoi
offers-video = Vidéo
offers-channel = Chaîne avec ses vidéos
offers-help = On demande votre aide
offers-from = { $name } veut vous la donner
offers-to = Attend { $name }
offers-take = Accepter
offers-into = Dans cette chaîne
offers-refuse = Refuser
offers-withdraw = Reprendre
offers-taken = C’est à vous maintenant.
offers-refused = L’offre est refusée.
offers-withdrawn = L’offre est reprise.
offers-give = Donner quelque chose
offers-thing = Vidéo ou chaîne
offers-thing-hint = Son adresse, ou le nom de la chaîne.
offers-offer = Offrir
offers-made = L’offre est faite. Le don se fait quand elle est acceptée.
offers-unknown = Il n’y a pas de telle vidéo ni chaîne.
offers-not-yours = Ce n’est pas à vous de la donner.
offers-twice = C’est déjà offert à quelqu’un, ou déjà à lui.

own-mutes = Masqués
own-mutes-lead = Vous ne voyez ni n’entendez ce qu’ils disent et font.
own-mutes-none = Vous n’avez masqué personne. Un bouton se trouve sur la page de chaque compte.
mute-yourself = Vous ne pouvez pas vous masquer vous-même.
muted-by-you = Masqué par vous
muted-by-site = Masqué ici pour tous
muted-server-by-you = Son serveur est masqué par vous
muted-server-by-site = Son serveur est masqué ici pour tous
reports-choose = Rien n’est choisi. Cochez d’abord les signalements.
reports-decided = Décidé. Les auteurs des signalements l’apprennent.
