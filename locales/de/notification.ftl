# Mails über das, was geschieht, und die Seite, die sie abstellt.

mail-stop = Keine solchen Mails mehr:
mail-digest = { $count ->
    [one] Eine Neuigkeit
   *[other] { $count } Neuigkeiten
}
mail-new-video = { $who } hat ein neues Video veröffentlicht: { $what }
mail-new-live = { $who } sendet live: { $what }
mail-comment = Neuer Kommentar zu deinem Video { $what } von { $who }
mail-mention = Du wurdest beim Video { $what } von { $who } erwähnt
mail-abuse-video = Ein Video wurde gemeldet (#{ $report })
mail-abuse-comment = Ein Kommentar wurde gemeldet (#{ $report })
mail-abuse-account = Ein Konto wurde gemeldet (#{ $report })
mail-auto-blocked = Ein neues Video wartet auf Prüfung: { $what }
mail-blocked = Das Video { $what } wurde gesperrt
mail-unblocked = Das Video { $what } ist nicht mehr gesperrt
mail-published = Dein Video { $what } ist veröffentlicht
mail-imported = Dein Import { $what } ist fertig
mail-import-failed = Dein Import { $what } ist fehlgeschlagen
mail-registered = Neu bei { $site }: { $who }
mail-registration-asked = { $who } möchte ein Konto
mail-followed = Neues Abonnement deines Kanals { $what }: { $who }
mail-server-followed = Ein Server folgt diesem: { $what }
mail-auto-followed = Dieser Server folgt von selbst: { $what }
mail-abuse-accepted = Die Meldung #{ $report } wurde angenommen
mail-abuse-rejected = Die Meldung #{ $report } wurde abgelehnt
mail-abuse-message = Neue Nachricht zur Meldung #{ $report }
mail-new-version = Version { $what } dieses Programms ist da
mail-studio-finished = Dein Video { $what } ist fertig bearbeitet
mail-transcribed = Dein Video { $what } hat nun Untertitel auf { $language }
mail-collaboration-asked = { $who } bittet dich um Hilfe beim Kanal { $what }
mail-collaboration-accepted = { $who } hilft jetzt bei deinem Kanal { $what }
mail-collaboration-rejected = { $who } möchte bei deinem Kanal { $what } nicht helfen
mail-ownership-offered = { $who } möchte dir { $what } geben
mail-ownership-accepted = { $who } hat { $what } übernommen
mail-ownership-rejected = { $who } möchte { $what } nicht
mail-blocklist-updated = Die Sperrliste { $what } hat geändert, wer stumm ist
mail-test = Diese Seite kann Mails senden
mail-test-text = Wenn du das liest, kommen Briefe von { $site } an.
stop-title = Mails von uns
stop-text = Sollen wir dir keine solchen Mails mehr senden? Was geschieht, steht weiter in deinen Mitteilungen.
stop-button = Abstellen
stop-done = Erledigt. Solche Mails bekommst du nicht mehr.
