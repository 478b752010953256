-- The words of captions for the search, kept in step by the database itself.
CREATE VIRTUAL TABLE caption_search USING fts5(
    folded, content = '', contentless_delete = 1,
    tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3');
CREATE TRIGGER caption_search_add AFTER INSERT ON caption_passage BEGIN
    INSERT INTO caption_search (rowid, folded) VALUES (new.id, new.folded);
END;
CREATE TRIGGER caption_search_remove AFTER DELETE ON caption_passage BEGIN
    DELETE FROM caption_search WHERE rowid = old.id;
END;
