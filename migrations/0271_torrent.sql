-- What the torrent of a file is made of, once somebody has asked for one.
CREATE TABLE torrent (
    file_id BIGINT PRIMARY KEY REFERENCES video_file(id) ON DELETE CASCADE,
    info_hash TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    piece_bytes BIGINT NOT NULL,
    pieces {blob} NOT NULL
);
