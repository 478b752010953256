-- Words of videos and channels for the search, kept in step by the database itself.
CREATE VIRTUAL TABLE video_search USING fts5(
    folded, content = '', contentless_delete = 1,
    tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3');
CREATE TRIGGER video_search_add AFTER INSERT ON video BEGIN
    INSERT INTO video_search (rowid, folded) VALUES (new.id, new.folded);
END;
CREATE TRIGGER video_search_change AFTER UPDATE OF folded ON video WHEN new.folded <> old.folded BEGIN
    DELETE FROM video_search WHERE rowid = old.id;
    INSERT INTO video_search (rowid, folded) VALUES (new.id, new.folded);
END;
CREATE TRIGGER video_search_remove AFTER DELETE ON video BEGIN
    DELETE FROM video_search WHERE rowid = old.id;
END;

CREATE VIRTUAL TABLE channel_search USING fts5(
    folded, content = '', contentless_delete = 1,
    tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3');
CREATE TRIGGER channel_search_add AFTER INSERT ON channel BEGIN
    INSERT INTO channel_search (rowid, folded) VALUES (new.id, new.folded);
END;
CREATE TRIGGER channel_search_change AFTER UPDATE OF folded ON channel WHEN new.folded <> old.folded BEGIN
    DELETE FROM channel_search WHERE rowid = old.id;
    INSERT INTO channel_search (rowid, folded) VALUES (new.id, new.folded);
END;
CREATE TRIGGER channel_search_remove AFTER DELETE ON channel BEGIN
    DELETE FROM channel_search WHERE rowid = old.id;
END;
