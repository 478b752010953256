-- The words that names of videos and channels are made of, by their runs of three letters: a word
-- that nobody has written leads to those that look like it.
CREATE TABLE search_word (
    id {id},
    word TEXT NOT NULL UNIQUE
);
CREATE TABLE search_trigram (
    trigram TEXT NOT NULL,
    word_id BIGINT NOT NULL REFERENCES search_word(id) ON DELETE CASCADE,
    PRIMARY KEY (trigram, word_id)
);
