# Worte der Hochladeseite, die das Skript setzt.

js-untitled = ohne Titel
js-queued = Als Nächstes
js-uploading = Wird hochgeladen
js-paused = Angehalten. Was angekommen ist, bleibt.
js-pause-upload = Anhalten
js-go-on = Weiter
js-cancel-upload = Abbrechen und entfernen
js-cancel-sure = Hochladen von { $name } abbrechen? Was angekommen ist, wird weggeworfen.
js-sent-of = { $sent } von { $size }
js-speed = { $speed } in der Sekunde
js-seconds-left = { $seconds ->
    [one] noch eine Sekunde
   *[other] noch { $seconds } Sekunden
}
js-minutes-left = { $minutes ->
    [one] noch eine Minute
   *[other] noch { $minutes } Minuten
}
js-hours-left = noch { $hours } h { $minutes } min
js-no-connection = { $seconds ->
    [one] Der Server antwortet nicht. Neuer Versuch in einer Sekunde
   *[other] Der Server antwortet nicht. Neuer Versuch in { $seconds } Sekunden
}
js-waits-for-file = Wartet auf seine Datei
js-choose-again = Wähle { $name } noch einmal, dann geht es weiter, wo es stehen blieb.
js-choose-file = Datei wählen
js-arrived = Angekommen
js-ready = Fertig
js-stopped = Angehalten
js-upload-refused = Der Server hat die Datei nicht genommen. { $code }
js-save-refused = Das ließ sich nicht speichern.
js-remove = Entfernen
js-watch-it = Ansehen
js-edit-it = Bearbeiten
js-save = Speichern
js-publish-now = Veröffentlichen
js-publish-later = Veröffentlichen, sobald es da ist
js-will-publish = Es wird veröffentlicht, sobald es angekommen ist
js-published = Veröffentlicht
js-saved = Gespeichert
js-draft-saved = Entwurf gespeichert
js-add-line = Zeile hinzufügen
js-cue-start = Von
js-cue-end = Bis
js-cue-text = Worte
js-chosen = { $count ->
    [one] eins gewählt
   *[other] { $count } gewählt
}
