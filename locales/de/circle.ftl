# Links to videos that are shared.

shared-title = Jemand teilt ein Video mit dir.
shared-text = Dieser Link lässt sich nur wenige Male öffnen. Danach kannst du zwölf Stunden lang schauen.
shared-left = { $count ->
    [one] Er lässt sich noch einmal öffnen.
   *[other] Er lässt sich noch { $count } Mal öffnen.
}

# Changes of many videos at once.

bulk-more = Mehr ändern
bulk-keep = So lassen
bulk-yes = Ja
bulk-no = Nein
bulk-add-tags = Schlagwörter dazu, mit Kommas dazwischen
bulk-remove-tags = Schlagwörter weg, mit Kommas dazwischen
bulk-apply = Gewählte Videos ändern

# Videos that are fetched from elsewhere.

imports = Von einer Adresse
import-address = Adresse des Videos
import-hint = Eine Datei oder eine Seite mit einem Video. Titel, Beschreibung, Schlagwörter und Bild werden übernommen.
import-hint-torrent = Oder ein Magnet-Link: Es wird von denen geholt, die es haben.
import-begin = Holen
import-begun = Es wird geholt.
import-off = Diese Seite holt nichts von anderswo.
imports-none = Sie haben noch nichts geholt.
import-waits = Wartet
import-runs = Wird geholt
import-done = Geholt
import-failed = Fehlgeschlagen
import-cancelled = Zurückgenommen
import-retry = Noch einmal
import-cancel = Zurücknehmen
import-forget = Vergessen
import-again = Neu nachsehen
import-changed = Erledigt.

# The age at which one may join.

signup-age = Ich bin mindestens { $age } Jahre alt.
signup-age-first = Bitte bestätigen Sie, wie alt man zum Mitmachen sein muss.

# Channels of other sites that are kept in step.

syncs = Kanäle im Gleichschritt
syncs-hint = Was in einem Kanal einer anderen Seite neu ist, kommt von selbst hierher und ist für alle zu sehen.
sync-address = Adresse des Kanals dort
sync-begin = Mitgehen
sync-begun = Von jetzt an wird jede Stunde nachgesehen.
sync-now = Jetzt nachsehen
sync-end = Nicht mehr mitgehen
sync-done = Auf dem Stand

# A search that another site answers.

search-only-here = Nur auf dieser Seite

# What one has reported.

own-reports = Deine Meldungen
own-reports-lead = Was du der Moderation gemeldet hast, und was sie dazu sagt
own-reports-none = Du hast nichts gemeldet. Videos, Kommentare und Konten haben dafür einen Knopf.
own-report-talk = Gespräch mit der Moderation
own-report-said = { $count ->
    [one] Eine Nachricht
   *[other] { $count } Nachrichten
}

# The front page, row by row.

home-rows = Startseite
home-rows-lead = Was auf der Startseite steht, von oben nach unten.
home-rows-none = Die Startseite findet ihre Ordnung selbst: neue Werke, viel Gesehenes, hier Entstandenes. Füge eine Zeile hinzu, um selbst zu wählen.
home-row = Zeile
home-row-about = Worum es geht
home-row-add = Zeile hinzufügen
home-row-hint = Für einen Kanal sein Name, für ein Schlagwort das Wort, für eine Playlist der letzte Teil ihrer Adresse, für einen Text Markdown. Die anderen brauchen nichts.
home-row-up = Hoch
home-row-down = Runter
home-row-wrong = Dieser Zeile fehlt, worum es geht, oder sie nimmt nichts.
home-row-missing = Einen solchen Kanal oder eine solche öffentliche Playlist gibt es hier nicht.
home-row-feature = Neuestes Werk, groß
home-row-new = Neue Videos
home-row-trending = Viel gesehen
home-row-local = Hier entstanden
home-row-channels = Aktive Kanäle
home-row-channel = Videos eines Kanals
home-row-tag = Videos mit einem Schlagwort
home-row-playlist = Eine Playlist
home-row-text = Ein Text

# Who follows a channel.

followers = Wer folgt
followers-lead = Sie hören, was es in diesem Kanal Neues gibt. Wer weggeschickt wurde, kann wiederkommen: Stummschalten hält fern.
followers-none = Diesem Kanal folgt noch niemand.
follower-gone = Diesem Kanal wird von dort nicht mehr gefolgt.

# A playlist that is watched as a programme.

programme-join = Was gerade läuft
programme-hint = Alle sehen zur gleichen Zeit dasselbe, rund um die Uhr.
programme-now = Zurück zu dem, was gerade läuft

offers = Angebote
offers-lead = Videos und Kanäle, die den Besitzer wechseln, und Kanäle, bei denen du helfen sollst.
offers-none = Niemand hat dir etwas angeboten, und du hast nichts angeboten.
offers-what = Was
offers-video = Video
offers-channel = Kanal mit seinen Videos
offers-help = Du wirst um Hilfe gebeten
offers-from = { $name } will es dir geben
offers-to = Wartet auf { $name }
offers-take = Annehmen
offers-into = In diesen Kanal
offers-refuse = Ablehnen
offers-withdraw = Zurücknehmen
offers-taken = Es gehört jetzt dir.
offers-refused = Das Angebot ist abgelehnt.
offers-withdrawn = Das Angebot ist zurückgenommen.
offers-give = Etwas weggeben
offers-thing = Video oder Kanal
offers-thing-hint = Die Adresse, oder der Name des Kanals.
offers-offer = Anbieten
offers-made = Das Angebot steht. Es wechselt den Besitzer, wenn es angenommen wird.
offers-unknown = Dieses Video oder diesen Kanal gibt es nicht.
offers-not-yours = Das gehört dir nicht.
offers-twice = Es ist schon jemandem angeboten oder gehört ihm schon.

own-mutes = Stummgeschaltet
own-mutes-lead = Was diese sagen und machen, siehst und hörst du nicht.
own-mutes-none = Du hast niemanden stummgeschaltet. Auf der Seite jedes Kontos ist ein Knopf dafür.
mute-yourself = Du kannst dich nicht selbst stummschalten.
muted-by-you = Von dir stummgeschaltet
muted-by-site = Hier für alle stummgeschaltet
muted-server-by-you = Der Server ist von dir stummgeschaltet
muted-server-by-site = Der Server ist hier für alle stummgeschaltet
reports-choose = Nichts ist ausgewählt. Wähle zuerst Meldungen aus.
reports-decided = Entschieden. Wer gemeldet hat, erfährt es.
