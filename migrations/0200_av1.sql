-- Renditions in AV1 beside those of video_file, of which there is one for each size. Only the master playlist names
-- them, so programs that read lists of files go on with H.264.
CREATE TABLE av1_file (
    id {id},
    video_id BIGINT NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    filename TEXT NOT NULL UNIQUE,
    playlist_filename TEXT NOT NULL,
    resolution BIGINT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    size_bytes BIGINT NOT NULL,
    codecs TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX av1_file_by_video ON av1_file (video_id, resolution);
