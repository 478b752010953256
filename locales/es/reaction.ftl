reactions = Reacciones
reaction = { $emoji }: { $count }
setting-reactions = Se puede reaccionar a los vídeos con emojis
setting-emoji = Qué emojis (12 como máximo, con espacios entre ellos)
