-- Words of playlists for the search, kept in step by the database itself.
ALTER TABLE playlist ADD COLUMN search tsvector
    GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, folded)) STORED;
CREATE INDEX playlist_search ON playlist USING gin (search);
