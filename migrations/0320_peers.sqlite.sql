-- Sharing with other viewers had no effect before, and was on without anybody having chosen it.
UPDATE users SET settings = json_set(settings, '$.p2pEnabled', json('false'));
