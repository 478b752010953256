-- The words of captions for the search, kept in step by the database itself.
ALTER TABLE caption_passage ADD COLUMN search tsvector
    GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, folded)) STORED;
CREATE INDEX caption_passage_search ON caption_passage USING gin (search);
