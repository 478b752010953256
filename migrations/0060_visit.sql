-- The channels that published something last, for the front page.
CREATE INDEX channel_by_published ON channel (last_published_at DESC, id)
    WHERE last_published_at IS NOT NULL;
