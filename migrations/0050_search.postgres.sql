-- Words of videos and channels for the search, kept in step by the database itself.
ALTER TABLE video ADD COLUMN search tsvector
    GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, folded)) STORED;
CREATE INDEX video_search ON video USING gin (search);
ALTER TABLE channel ADD COLUMN search tsvector
    GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, folded)) STORED;
CREATE INDEX channel_search ON channel USING gin (search);
