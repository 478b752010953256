# Invitations.

signup-invited = { $name } vous a invité.
