# What rooms of Discord and Matrix are told, and how that is chosen.

webhook-form = Forme de l’appel
webhook-form-hint = Discord et Matrix reçoivent une phrase et un lien. L’adresse est celle d’un webhook d’un salon, ou de hookshot.
webhook-standard = événement signé
webhook-discord = Discord
webhook-matrix = Matrix (hookshot)
hook-uploaded = Nouvel envoi : { $what }
hook-published = { $who } a publié { $what }
hook-blocked = { $what } a été bloquée
hook-unblocked = { $what } n’est plus bloquée
hook-live = { $who } est en direct : { $what }
hook-comment = { $who } a commenté { $what }
hook-comment-approved = Un commentaire de { $who } sur { $what } a été approuvé
hook-followed = { $who } suit { $what }
hook-registered = Nouveau compte : { $who }
hook-asked = { $who } demande un compte
hook-reported = Nouveau signalement (nº { $report })
hook-decided = Le signalement nº { $report } a été traité
hook-imported = Importation terminée : { $what }
hook-import-failed = Échec de l’importation : { $what }
hook-test = Ceci est un test.
