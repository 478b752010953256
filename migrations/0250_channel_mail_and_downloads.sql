-- A mail address that a channel shows in its podcast feed.
ALTER TABLE channel ADD COLUMN public_email TEXT;

-- How many files were saved, by the month.
ALTER TABLE usage_month ADD COLUMN downloads BIGINT NOT NULL DEFAULT 0;
