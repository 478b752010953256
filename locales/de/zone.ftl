time-zone = Zeitzone
time-zone-hint = Daten auf den Seiten und Zeiten in Mails gelten an diesem Ort.
time-zone-utc = UTC
schedule-zone = Die Zeit ist die von { $zone }.
