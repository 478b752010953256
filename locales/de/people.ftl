# Einladungen.

signup-invited = { $name } hat dich eingeladen.
passkeys = Passkeys
passkeys-hint = Melde dich mit Finger, Gesicht oder Schlüssel an statt mit einem Passwort. Niemand kann es dir über die Schulter ablesen.
passkey-name = Ein Name dafür, etwa Mein Telefon
passkey-add = Passkey anlegen
passkey-login = Mit Passkey anmelden
passkey-failed = Das hat nicht geklappt. Versuch es noch einmal oder nimm dein Passwort.
broadcast-away = Weglegen
