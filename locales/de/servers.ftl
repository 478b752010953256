# Andere Server: wie sie erreicht werden, und wer wem folgt.

follows-none = Noch keine.
server = Server
server-well = erreicht
server-failing = nicht erreicht
server-untried = noch nicht versucht
server-failures = { $count ->
    [one] Ein Versuch ist gescheitert
   *[other] { $count } Versuche sind gescheitert
}
server-lead = { $waiting } warten, { $missed } nicht angenommen. Nicht Angenommenes kann einen Monat lang noch einmal gesendet werden.
server-missed = nicht angenommen
server-retry = Jetzt versuchen
server-again = Noch einmal senden
server-again-all = Alles noch einmal senden
server-tried = Es wird jetzt gesendet.
about-follows = Verbundene Orte
about-follows-lead = Zwischen diesem Ort und diesen gehen Videos hin und her.
about-followers = Orte, die diesem folgen
about-followings = Orte, denen dieser folgt
