time-zone = Time zone
time-zone-hint = Dates on pages and times in mails are those of this place.
time-zone-utc = UTC
schedule-zone = The time is that of { $zone }.
