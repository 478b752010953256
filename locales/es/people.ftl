# Invitaciones.

signup-invited = { $name } te ha invitado.
