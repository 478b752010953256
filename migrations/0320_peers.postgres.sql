-- Sharing with other viewers had no effect before, and was on without anybody having chosen it.
UPDATE users SET settings = (CAST(settings AS JSONB) || '{"p2pEnabled": false}')::TEXT;
