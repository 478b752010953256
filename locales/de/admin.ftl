# Der Maschinenraum: was die Betreiber sehen.

admin-health = Befinden
admin-jobs = Aufgaben
admin-people = Menschen
admin-videos = Videos
admin-settings = Einstellungen
health-well = Alles ist gut.
health-some = { $count ->
    [one] Eine Sache braucht dich.
   *[other] { $count } Sachen brauchen dich.
}
mood-good = Gut
mood-warn = Achtung
mood-bad = Problem
check-database = Datenbank
check-database-text = Antwortet in { $ms } ms.
check-disk = Platte
check-disk-text = { $free } frei, wo die Videos liegen.
check-jobs = Machen der Qualitäten
check-jobs-text = { $waiting } warten, { $running } in Arbeit.
check-failed = { $count ->
    [one] Eine Aufgabe ist gescheitert
   *[other] { $count } Aufgaben sind gescheitert
}
check-failed-text = Jede sagt, warum, und lässt sich wiederholen.
check-mail = Post
check-mail-off = Post ist nicht eingerichtet; niemand bekommt Briefe bei vergessenem Passwort.
check-mail-on = Briefe gehen über { $host } hinaus.
check-address = Adresse
check-address-text = Man findet diesen Ort unter { $url }.
check-address-local = Die öffentliche Adresse ist { $url }; von anderswo kommt man noch nicht hin.
jobs-lead = { $waiting } warten, { $running } in Arbeit, { $failed } gescheitert
jobs-empty = Im Moment wird nichts getan.
job-kind = Was
job-state = Zustand
job-tries = Versuche
job-when = Wann
job-waiting = wartet
job-running = in Arbeit
job-done = getan
job-failed = gescheitert
job-cancelled = angehalten
job-retry = Noch einmal
job-cancel = Anhalten
job-retried = Es wird noch einmal versucht.
people-lead = Alle, die hier ein Konto haben
people-empty = Noch niemand.
person-name = Name
person-role = Rolle
person-mail = E-Mail
person-videos = Videos
person-state = Zustand
role-0 = Verwaltung
role-1 = Moderation
role-2 = Mitglied
person-blocked = geschlossen
person-open = offen
person-block = Schließen
person-unblock = Wieder öffnen
person-block-sure = Dieses Konto schließen? Nichts davon wird entfernt.
admin-videos-lead = Alles an diesem Ort, das Neueste zuerst
video-block = Sperren
video-unblock = Freigeben
video-block-sure = Dieses Video sperren? Nur wer es gemacht hat, sieht es dann noch.
setting-name = Name dieses Ortes
setting-short = In einer Zeile
setting-about = Darüber
setting-terms = Regeln
setting-signup = Neue Konten
setting-signup-open = Man darf ein Konto anlegen
setting-signup-approval = Jemand sieht jede Anfrage zuerst an
setting-look = Was er ist
setting-look-hint = Die Worte, die man zuerst sieht.
setting-signup-hint = Wer mitmachen darf.
setting-hue = Farbton der Seite (0 bis 359)
