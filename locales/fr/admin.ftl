# La salle des machines : ce que voient ceux qui tiennent le lieu.

admin-health = Santé
admin-jobs = Travaux
admin-people = Personnes
admin-videos = Vidéos
admin-settings = Réglages
health-well = Tout va bien.
health-some = { $count ->
    [one] Une chose a besoin de vous.
   *[other] { $count } choses ont besoin de vous.
}
mood-good = Bien
mood-warn = Attention
mood-bad = Problème
check-database = Base de données
check-database-text = Répond en { $ms } ms.
check-disk = Disque
check-disk-text = { $free } libres là où sont les vidéos.
check-jobs = Fabrication des qualités
check-jobs-text = { $waiting } en attente, { $running } en cours.
check-failed = { $count ->
    [one] Un travail a échoué
   *[other] { $count } travaux ont échoué
}
check-failed-text = Chacun dit pourquoi, et peut être refait.
check-mail = Courrier
check-mail-off = Le courrier n’est pas réglé : personne ne reçoit de lettre pour un mot de passe oublié.
check-mail-on = Les lettres partent par { $host }.
check-address = Adresse
check-address-text = On trouve ce lieu à { $url }.
check-address-local = L’adresse publique est { $url } : d’ailleurs on ne peut pas encore l’atteindre.
jobs-lead = { $waiting } en attente, { $running } en cours, { $failed } échoués
jobs-empty = Rien ne se fait en ce moment.
job-kind = Quoi
job-state = État
job-tries = Essais
job-when = Quand
job-waiting = en attente
job-running = en cours
job-done = fait
job-failed = échoué
job-cancelled = arrêté
job-retry = Réessayer
job-cancel = Arrêter
job-retried = On réessaiera.
people-lead = Tous ceux qui ont un compte ici
people-empty = Personne pour l’instant.
person-name = Nom
person-role = Rôle
person-mail = Courriel
person-videos = Vidéos
person-state = État
role-0 = Administrateur
role-1 = Modérateur
role-2 = Membre
person-blocked = fermé
person-open = ouvert
person-block = Fermer
person-unblock = Rouvrir
person-block-sure = Fermer ce compte ? Rien n’en est retiré.
admin-videos-lead = Tout ce qu’il y a ici, le plus récent d’abord
video-block = Bloquer
video-unblock = Débloquer
video-block-sure = Bloquer cette vidéo ? Seul son auteur la verra.
setting-name = Nom de ce lieu
setting-short = En une ligne
setting-about = À son propos
setting-terms = Règles
setting-signup = Nouveaux comptes
setting-signup-open = On peut créer un compte
setting-signup-approval = Quelqu’un regarde d’abord chaque demande
setting-look = Ce que c’est
setting-look-hint = Les mots de la première page que l’on voit.
setting-signup-hint = Qui peut venir.
setting-hue = Teinte du site (0 à 359)
