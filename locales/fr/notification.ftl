# Courriels sur ce qui se passe, et la page qui les arrête.

mail-stop = Ne plus recevoir ces messages :
mail-digest = { $count ->
    [one] Une nouvelle
   *[other] { $count } nouvelles
}
mail-new-video = { $who } a publié une nouvelle vidéo : { $what }
mail-new-live = { $who } est en direct : { $what }
mail-comment = Nouveau commentaire de { $who } sur votre vidéo { $what }
mail-mention = { $who } vous mentionne sous la vidéo { $what }
mail-abuse-video = Nouveau signalement de vidéo (nº { $report })
mail-abuse-comment = Nouveau signalement de commentaire (nº { $report })
mail-abuse-account = Nouveau signalement de compte (nº { $report })
mail-auto-blocked = Une nouvelle vidéo attend la modération : { $what }
mail-blocked = La vidéo { $what } est bloquée
mail-unblocked = La vidéo { $what } n’est plus bloquée
mail-published = Votre vidéo { $what } est publiée
mail-imported = L’import de { $what } est terminé
mail-import-failed = L’import de { $what } a échoué
mail-registered = Nouvelle inscription sur { $site } : { $who }
mail-registration-asked = { $who } demande un compte
mail-followed = Nouvel abonnement à votre chaîne { $what } : { $who }
mail-server-followed = Une instance suit la nôtre : { $what }
mail-auto-followed = Notre instance en suit une autre : { $what }
mail-abuse-accepted = Le signalement nº { $report } est accepté
mail-abuse-rejected = Le signalement nº { $report } est rejeté
mail-abuse-message = Nouveau message sur le signalement nº { $report }
mail-new-version = La version { $what } de ce logiciel est sortie
mail-studio-finished = Le montage de votre vidéo { $what } est terminé
mail-transcribed = La transcription en { $language } de votre vidéo { $what } est prête
mail-collaboration-asked = { $who } vous demande d’aider pour la chaîne { $what }
mail-collaboration-accepted = { $who } aide désormais pour votre chaîne { $what }
mail-collaboration-rejected = { $who } ne souhaite pas aider pour votre chaîne { $what }
mail-ownership-offered = { $who } veut vous confier { $what }
mail-ownership-accepted = { $who } a repris { $what }
mail-ownership-rejected = { $who } ne veut pas { $what }
mail-blocklist-updated = La liste de blocage { $what } a changé qui est masqué
mail-test = Ce site peut envoyer des courriels
mail-test-text = Si vous lisez ceci, les lettres de { $site } arrivent.
stop-title = Nos courriels
stop-text = Faut-il cesser de vous envoyer ce genre de message ? Tout reste dans vos notifications.
stop-button = Arrêter
stop-done = C’est fait. Vous ne recevrez plus ce genre de message.
