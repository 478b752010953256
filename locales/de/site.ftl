# Der Rahmen jeder Seite, Listen und Fehler.

skip = Zum Inhalt
nav-main = Haupt
nav-home = Start
nav-discover = Entdecken
nav-subscriptions = Abos
search = Suchen
search-label = Videos und Kanäle suchen
theme = Hell oder dunkel
menu = Menü
upload = Hochladen
your-account = { $name }, dein Konto
your-videos = Deine Videos
your-playlists = Deine Listen
history = Gesehen
settings = Einstellungen
admin = Maschinenraum
login = Anmelden
logout = Abmelden
signup = Konto anlegen
about-place = Über diesen Ort
rules = Regeln
feeds = Feeds
language = Sprache
change = Ändern
runs-on = Läuft mit Vidicon
live = live
watched = Gesehen
watch = Ansehen
watch-on = Auf { $site } ansehen
see-all = Alle zeigen
channels = Kanäle
videos = Videos
video = Video
pages = Seiten
pages-back = Zurück
pages-next = Weiter
pages-now = Seite { $page }
close = Schließen
copy = Kopieren
copied = Kopiert
save = Speichern
saved = Gespeichert.
edit = Bearbeiten
remove = Entfernen
ready = fertig
name = Name
time = Zeit
state = Zustand
size = Größe
actions = Aktionen
look = Ansehen
what-it-said = Die Meldung selbst
home-feature = Das Neueste
home-empty = Noch nichts zu sehen.
home-empty-text = Dieser Ort ist neu. Das erste Video darf zehn Sekunden lang sein.
home-new = Neu
home-trending = Viel gesehen
home-local = Hier gemacht
search-quote = „{ $words }“
search-count = { $count ->
    [0] Nichts gefunden
    [one] Ein Video
   *[other] { $count } Videos
}
search-none = Zu diesen Wörtern passt nichts.
search-none-text = Versuche weniger Wörter, oder suche den Namen dahinter.
order = Reihenfolge
order-match = Beste Treffer
order-new = Neueste
order-views = Meistgesehen
order-short = Kürzeste
order-long = Längste
order-trending = Im Trend
filter-any-length = Jede Länge
filter-short = Unter 4 Minuten
filter-medium = 4 bis 10 Minuten
filter-long = Über 10 Minuten
filter-here = Hier gemacht
filter-live = Live
to-front = Zur Startseite
error-400 = Das geht so nicht.
error-401 = Bitte melde dich an.
error-401-text = Diese Seite ist für Menschen mit einem Konto hier.
error-403 = Das ist nicht für dich.
error-403-text = Wer es gemacht hat oder dieser Ort bestimmt, wer es sehen darf.
error-404 = An dieser Adresse ist nichts.
error-404-text = Das Video ist vielleicht umgezogen oder wurde entfernt. Hat dir jemand den Link gegeben, frag nach einem neuen.
error-413 = Das ist zu groß.
error-429 = Das war etwas schnell.
error-429-text = Bitte warte einen Moment und versuche es noch einmal.
error-500 = Hier ist etwas kaputt.
error-500-text = Du kannst nichts dafür. Es ist notiert, und jemand sieht nach.
error-text = Geh zurück, ändere es und versuche es noch einmal. Was du geschrieben hast, ist noch da.
cross-site = Das kam von einer anderen Seite und wurde deshalb nicht getan.
views-count = { $count ->
    [one] einmal gesehen
   *[other] { $count }-mal gesehen
}
videos-count = { $count ->
    [0] noch keine Videos
    [one] ein Video
   *[other] { $count } Videos
}
followers-count = { $count ->
    [0] noch keine Abos
    [one] ein Abo
   *[other] { $count } Abos
}
video-and-followers = { $videos } · { $followers }
date = { $day }. { $month } { $year }
month-1 = Januar
month-2 = Februar
month-3 = März
month-4 = April
month-5 = Mai
month-6 = Juni
month-7 = Juli
month-8 = August
month-9 = September
month-10 = Oktober
month-11 = November
month-12 = Dezember
ago-now = gerade eben
ago-minutes = { $count ->
    [one] vor einer Minute
   *[other] vor { $count } Minuten
}
ago-hours = { $count ->
    [one] vor einer Stunde
   *[other] vor { $count } Stunden
}
ago-days = { $count ->
    [one] gestern
   *[other] vor { $count } Tagen
}
length-s = { $seconds } s
length-ms = { $minutes } min { $seconds } s
length-hm = { $hours } h { $minutes } min
subscriptions-lead = Was die Kanäle gemacht haben, denen du folgst
subscriptions-empty = Du folgst noch niemandem.
subscriptions-empty-text = Drücke bei einem Kanal auf Folgen, dann stehen seine neuen Videos hier.
history-lead = Was du gesehen hast, das Neueste zuerst
history-empty = Noch nichts gesehen.
history-empty-text = Videos, die du angemeldet siehst, stehen dann hier.
playlists-lead = Listen, die du führst
playlists-empty = Noch keine Listen.
playlists-empty-text = Drücke unter einem Video auf Merken, um eine zu beginnen.
playlist-empty = Diese Liste ist leer.
playlist-note = { $count ->
    [0] keine Videos
    [one] ein Video
   *[other] { $count } Videos
}
watch-all = Von vorn ansehen
channel-videos = Videos
channel-playlists = Listen
channel-about = Über
account-channels = Kanäle
channel-empty = Noch keine Videos.
made-by = Von
about-what = Was dieser Ort ist
about-rules = Regeln
about-who = Wer ihn betreibt
about-nothing = Hier hat noch niemand etwas geschrieben.
about-figures = In Zahlen
figure-videos = Hier gemachte Videos
figure-people = Menschen
figure-views = Aufrufe
software = Software
software-text = Diese Seite läuft mit Vidicon { $version }, freier Software unter der AGPL.
remote-title = Von deinem Ort aus folgen
remote-text = Du hast ein Konto auf einem anderen Server? Nenne die Adresse, wir bringen dich hin.
remote-handle = Dein Name dort, etwa ich@anderswo.example
remote-go = Dorthin
remote-bad = Das sieht nicht aus wie name@server.
size-b = { $n } B
size-kb = { $n } kB
size-mb = { $n } MB
size-gb = { $n } GB
size-tb = { $n } TB
