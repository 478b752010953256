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
