# Invitations.

signup-invited = { $name } vous a invité.
passkeys = Clés d’accès
passkeys-hint = Connectez-vous avec votre doigt, votre visage ou une clé au lieu d’un mot de passe. Personne ne peut la lire par-dessus votre épaule.
passkey-name = Un nom, par exemple Mon téléphone
passkey-add = Créer une clé d’accès
passkey-login = Se connecter avec une clé d’accès
passkey-failed = Cela n’a pas fonctionné. Réessayez ou utilisez votre mot de passe.
broadcast-away = Masquer
