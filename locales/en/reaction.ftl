reactions = Reactions
reaction = { $emoji }: { $count }
setting-reactions = People can react to videos with emoji
setting-emoji = Which emoji (at most 12, with spaces between)
