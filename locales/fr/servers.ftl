# Les autres serveurs : comment ils sont joints, et qui suit qui.

follows-none = Aucun pour le moment.
server = Serveur
server-well = joint
server-failing = injoignable
server-untried = pas encore essayé
server-failures = { $count ->
    [one] Un essai a échoué
   *[other] { $count } essais ont échoué
}
server-lead = { $waiting } en attente, { $missed } non pris. Ce qui n’a pas été pris peut être renvoyé pendant un mois.
server-missed = non pris
server-retry = Essayer maintenant
server-again = Renvoyer
server-again-all = Tout renvoyer
server-tried = L’envoi est en cours.
about-follows = Lieux reliés
about-follows-lead = Les vidéos vont et viennent entre ce lieu et ceux-ci.
about-followers = Lieux qui suivent celui-ci
about-followings = Lieux que celui-ci suit
