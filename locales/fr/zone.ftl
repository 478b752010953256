time-zone = Fuseau horaire
time-zone-hint = Les dates des pages et les heures des courriels sont celles de ce lieu.
time-zone-utc = UTC
schedule-zone = L’heure est celle de { $zone }.
