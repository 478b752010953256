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
