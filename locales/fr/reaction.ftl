reactions = Réactions
reaction = { $emoji } : { $count }
setting-reactions = On peut réagir aux vidéos avec des émojis
setting-emoji = Quels émojis (12 au plus, séparés par des espaces)
