reactions = Reaktionen
reaction = { $emoji }: { $count }
setting-reactions = Auf Videos kann mit Emoji reagiert werden
setting-emoji = Welche Emoji (höchstens 12, mit Leerzeichen dazwischen)
