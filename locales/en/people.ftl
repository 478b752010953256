# Invitations.

signup-invited = { $name } invited you.
passkeys = Passkeys
passkeys-hint = Log in with your finger, your face or a key instead of a password. Nobody can read it over your shoulder.
passkey-name = A name for it, such as My phone
passkey-add = Make a passkey
passkey-login = Log in with a passkey
passkey-failed = That did not work. Try again, or use your password.
broadcast-away = Put away
