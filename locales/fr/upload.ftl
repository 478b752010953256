# Les mots de la page d’envoi que pose le script.

js-untitled = sans titre
js-queued = Suivant
js-uploading = Envoi
js-paused = En pause. Ce qui est arrivé reste.
js-pause-upload = Pause
js-go-on = Continuer
js-cancel-upload = Arrêter et retirer
js-cancel-sure = Arrêter l’envoi de { $name } ? Ce qui est arrivé sera jeté.
js-sent-of = { $sent } sur { $size }
js-speed = { $speed } par seconde
js-seconds-left = { $seconds ->
    [one] encore une seconde
   *[other] encore { $seconds } secondes
}
js-minutes-left = { $minutes ->
    [one] encore une minute
   *[other] encore { $minutes } minutes
}
js-hours-left = encore { $hours } h { $minutes } min
js-no-connection = { $seconds ->
    [one] Le serveur ne répond pas. Nouvel essai dans une seconde
   *[other] Le serveur ne répond pas. Nouvel essai dans { $seconds } secondes
}
js-waits-for-file = Attend son fichier
js-choose-again = Choisissez de nouveau { $name } et cela reprend où c’était arrêté.
js-choose-file = Choisir le fichier
js-arrived = Arrivé
js-ready = Prêt
js-stopped = Arrêté
js-upload-refused = Le serveur n’a pas pris le fichier. { $code }
js-save-refused = Cela n’a pas pu être enregistré.
js-remove = Retirer
js-watch-it = Regarder
js-edit-it = Modifier
js-save = Enregistrer
js-publish-now = Publier
js-publish-later = Publier dès l’arrivée
js-will-publish = Elle sera publiée dès qu’elle sera arrivée
js-published = Publiée
js-saved = Enregistré
js-draft-saved = Brouillon enregistré
js-add-line = Ajouter une ligne
js-cue-start = De
js-cue-end = À
js-cue-text = Mots
js-chosen = { $count ->
    [one] une choisie
   *[other] { $count } choisies
}
