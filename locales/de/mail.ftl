# Briefe rund um Konten.

mail-hello = Hallo { $name },
mail-first-subject = Lege dein Passwort fest
mail-first = auf { $site } wurde ein Konto für dich angelegt. Wähle hier innerhalb von sieben Tagen dein Passwort:
mail-forgotten-subject = Neues Passwort für dein Konto
mail-forgotten = jemand hat ein neues Passwort für dein Konto auf { $site } angefordert. Wähle es hier innerhalb einer Stunde:
mail-forgotten-end = Warst du es nicht, tu nichts: Dein Passwort bleibt, wie es ist.
mail-prove-subject = Bestätige deine Adresse auf { $site }
mail-prove = bitte bestätige innerhalb einer Stunde, dass diese Mailadresse deine ist:
mail-prove-end = Hast du dich nicht bei { $site } angemeldet, tu nichts.
mail-accepted-subject = Deine Anfrage für { $name } wurde angenommen
mail-accepted = Deine Anfrage, bei { $site } mitzumachen, wurde angenommen. Hier kannst du dich anmelden:
mail-rejected-subject = Deine Anfrage für { $name } wurde abgelehnt
mail-rejected = Deine Anfrage, bei { $site } mitzumachen, wurde abgelehnt.
mail-account-blocked-subject = Konto gesperrt
mail-account-blocked = dein Konto auf { $site } wurde gesperrt.
mail-account-unblocked-subject = Konto wieder offen
mail-account-unblocked = dein Konto auf { $site } ist wieder offen.
mail-reason = Grund: { $reason }
mail-device-subject = Neue Anmeldung bei deinem Konto
mail-device = jemand hat sich mit einem bisher unbekannten Gerät bei deinem Konto auf { $site } angemeldet:
mail-device-end = Warst du es, ist nichts zu tun. Wenn nicht, ändere dein Passwort; das beendet alle anderen Anmeldungen:
