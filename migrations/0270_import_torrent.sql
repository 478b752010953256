-- Imports that come from those who have a torrent: by a link, or by the torrent's file.
CREATE TABLE import_torrent (
    import_id BIGINT PRIMARY KEY REFERENCES video_import(id) ON DELETE CASCADE,
    magnet_uri TEXT,
    name TEXT,
    file {blob}
);
