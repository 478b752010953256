# Pages that visitors see, and why some are closed.

sensitive-badge = heikel
download-sound = Nur Ton
video-lost = Dieses Video gibt es hier nicht.
video-blocked = Dieses Video ist hier gesperrt.
video-blocked-text = Wer diesen Ort betreibt, hat es außer Sicht genommen.
video-internal = Dieses Video ist für Leute mit einem Konto hier.
video-internal-text = Melde dich an, um es zu sehen.
video-private = Dieses Video ist privat.
video-private-login = Nur wer es gemacht hat, sieht es. Wenn du das bist, melde dich an.
video-private-text = Nur wer es gemacht hat, sieht es.
browse-liked = Sehr beliebt
about-moderation = Moderation
figure-comments = Kommentare
remote-none = Dieser Server sagt nicht, wo man von ihm aus folgen kann.
remote-here = Hast du hier ein Konto?
history-forget = Alles vergessen
history-sure = Alles vergessen, was du gesehen hast?
history-gone = Vergessen.
comment-gone-by = entfernt
comment-approve = Freigeben
comments-more = Ältere Kommentare
comment-length = Ein Kommentar hat 1 bis 10.000 Zeichen.
comment-waits = Danke. Wer das Video gemacht hat, sieht ihn sich zuerst an.
playlist-hidden = nicht gelistet
playlist-delete-sure = Die Liste „{ $name }“ entfernen? Die Videos bleiben.
playlist-deleted = Die Liste ist entfernt.
playlist-gone = Ein Video, das fort oder nicht für dich ist
playlist-up = Früher
playlist-down = Später
playlist-new = Neue Liste
playlist-make = Anlegen
playlist-name-bad = Ein Name hat 1 bis 120 Zeichen.
list-place = Nummer { $position } · { $note }

# What moderators did, for everybody
acts-title = Was die Moderation getan hat
acts-lead = Jede Entscheidung mit Tag und Gründen, ohne einen Namen.
acts-none = Es musste noch nichts entschieden werden.
acts-blocked = Ein Video wurde gesperrt
acts-unblocked = Ein Video wird wieder gezeigt
acts-accepted-video = Eine Meldung zu einem Video wurde angenommen
acts-accepted-comment = Eine Meldung zu einem Kommentar wurde angenommen
acts-accepted-account = Eine Meldung zu einem Konto wurde angenommen
acts-refused-video = Eine Meldung zu einem Video wurde abgelehnt
acts-refused-comment = Eine Meldung zu einem Kommentar wurde abgelehnt
acts-refused-account = Eine Meldung zu einem Konto wurde abgelehnt
acts-muted-account = Ein Konto wurde für alle stummgeschaltet
acts-muted-server = Ein Server wurde für alle stummgeschaltet
acts-unmuted-account = Ein Konto ist wieder zu hören
acts-unmuted-server = Ein Server ist wieder zu hören
said-at = Gesagt bei { $time }

about-elsewhere = Anderswo
embed-not-here = Dieses Video wird hier nicht gezeigt
embed-not-here-text = Wer es gemacht hat, nennt die Seiten, die es zeigen dürfen. Diese ist nicht dabei.
