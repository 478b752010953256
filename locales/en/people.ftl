# Invitations.

signup-invited = { $name } invited you.
