-- Words of playlists for the search, kept in step by the database itself.
CREATE VIRTUAL TABLE playlist_search USING fts5(
    folded, content = '', contentless_delete = 1,
    tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3');
CREATE TRIGGER playlist_search_add AFTER INSERT ON playlist BEGIN
    INSERT INTO playlist_search (rowid, folded) VALUES (new.id, new.folded);
END;
CREATE TRIGGER playlist_search_change AFTER UPDATE OF folded ON playlist WHEN new.folded <> old.folded BEGIN
    DELETE FROM playlist_search WHERE rowid = old.id;
    INSERT INTO playlist_search (rowid, folded) VALUES (new.id, new.folded);
END;
CREATE TRIGGER playlist_search_remove AFTER DELETE ON playlist BEGIN
    DELETE FROM playlist_search WHERE rowid = old.id;
END;
