# What rooms of Discord and Matrix are told, and how that is chosen.

webhook-form = Form des Aufrufs
webhook-form-hint = Discord und Matrix bekommen einen Satz und einen Link. Die Adresse ist die eines Webhooks eines Kanals oder von hookshot.
webhook-standard = signiertes Ereignis
webhook-discord = Discord
webhook-matrix = Matrix (hookshot)
hook-uploaded = Neu hochgeladen: { $what }
hook-published = { $who } hat { $what } veröffentlicht
hook-blocked = { $what } wurde gesperrt
hook-unblocked = { $what } ist nicht mehr gesperrt
hook-live = { $who } ist live: { $what }
hook-comment = { $who } hat { $what } kommentiert
hook-comment-approved = Ein Kommentar von { $who } zu { $what } wurde freigegeben
hook-followed = { $who } folgt { $what }
hook-registered = Neues Konto: { $who }
hook-asked = { $who } bittet um ein Konto
hook-reported = Neue Meldung (#{ $report })
hook-decided = Über Meldung #{ $report } wurde entschieden
hook-imported = Import fertig: { $what }
hook-import-failed = Import fehlgeschlagen: { $what }
hook-test = Das ist ein Test.
