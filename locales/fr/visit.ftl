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
