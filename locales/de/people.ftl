# Einladungen.

signup-invited = { $name } hat dich eingeladen.
