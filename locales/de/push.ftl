# Browsers that are told while no page is open.

push-title = Diesem Browser Bescheid geben
push-hint = Was die Seite dir meldet, meldet auch der Browser, wenn keine Seite offen ist. Der Push-Dienst des Browserherstellers leitet es weiter und kann es nicht lesen.
push-unsupported = Dieser Browser kann nicht benachrichtigt werden: Er kennt keine Push-Nachrichten, führt keine Skripte aus, oder die Seite wird nicht über HTTPS aufgerufen.
push-on = Dieser Browser wird benachrichtigt.
push-off = Dieser Browser wird nicht benachrichtigt.
push-denied = Dieser Browser lehnt Nachrichten dieser Seite ab. In seinen Einstellungen lassen sie sich erlauben.
push-failed = Der Browser konnte nicht angemeldet werden. Versuche es später noch einmal.
push-start = Diesen Browser benachrichtigen
push-stop = Diesen Browser nicht mehr benachrichtigen
push-switch = Meinen Browsern melden, was die Seite mir meldet
push-removed = Der Browser wird nicht mehr benachrichtigt.
push-browser = Ein Browser
