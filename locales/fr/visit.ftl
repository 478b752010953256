# Pages that visitors see, and why some are closed.

sensitive-badge = sensible
download-sound = Son seul
video-lost = Cette vidéo n’existe pas ici.
video-blocked = Cette vidéo est bloquée ici.
video-blocked-text = Les personnes qui tiennent ce lieu l’ont retirée de la vue.
video-internal = Cette vidéo est réservée aux personnes qui ont un compte ici.
video-internal-text = Connectez-vous pour la regarder.
video-private = Cette vidéo est privée.
video-private-login = Seule la personne qui l’a faite la voit. Si c’est vous, connectez-vous.
video-private-text = Seule la personne qui l’a faite la voit.
browse-liked = Très aimées
about-moderation = Modération
figure-comments = Commentaires
remote-none = Ce serveur ne dit pas où l’on peut suivre depuis chez lui.
remote-here = Vous avez un compte ici ?
history-forget = Tout oublier
history-sure = Oublier tout ce que vous avez regardé ?
history-gone = Oublié.
comment-gone-by = retiré
comment-approve = Approuver
comments-more = Commentaires plus anciens
comment-length = Un commentaire compte de 1 à 10 000 caractères.
comment-waits = Merci. La personne qui a fait la vidéo le lira d’abord.
playlist-hidden = non listée
playlist-delete-sure = Supprimer la liste « { $name } » ? Les vidéos restent.
playlist-deleted = La liste est supprimée.
playlist-gone = Une vidéo disparue ou qui ne vous est pas destinée
playlist-up = Plus tôt
playlist-down = Plus tard
playlist-new = Nouvelle liste
playlist-make = Créer
playlist-name-bad = Un nom compte de 1 à 120 caractères.
list-place = Numéro { $position } · { $note }

# What moderators did, for everybody
acts-title = Ce que la modération a fait
acts-lead = Chaque décision avec son jour et ses raisons, sans aucun nom.
acts-none = Rien n’a encore dû être décidé.
acts-blocked = Une vidéo a été bloquée
acts-unblocked = Une vidéo est de nouveau visible
acts-accepted-video = Un signalement de vidéo a été accepté
acts-accepted-comment = Un signalement de commentaire a été accepté
acts-accepted-account = Un signalement de compte a été accepté
acts-refused-video = Un signalement de vidéo a été refusé
acts-refused-comment = Un signalement de commentaire a été refusé
acts-refused-account = Un signalement de compte a été refusé
acts-muted-account = Un compte a été mis en sourdine pour tous
acts-muted-server = Un serveur a été mis en sourdine pour tous
acts-unmuted-account = Un compte est de nouveau visible
acts-unmuted-server = Un serveur est de nouveau visible
said-at = Dit à { $time }

about-elsewhere = Ailleurs
embed-not-here = Cette vidéo n’est pas montrée ici
embed-not-here-text = Son auteur a nommé les sites qui peuvent la montrer, et celui-ci n’en est pas.
