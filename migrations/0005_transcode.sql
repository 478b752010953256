-- A video on its way to being playable. The plan is made once; every part follows it, however often
-- the program stops in between. failure: why other machines gave up. The row goes when all is done.
CREATE TABLE transcode (
    video_id BIGINT PRIMARY KEY REFERENCES video(id) ON DELETE CASCADE,
    folder TEXT NOT NULL,
    plan {json} NOT NULL,
    chunks_done BIGINT NOT NULL DEFAULT 0,
    failure TEXT,
    created_at BIGINT NOT NULL
);

-- The segments that each part has added to a rendition.
CREATE TABLE transcode_part (
    file_id BIGINT NOT NULL REFERENCES video_file(id) ON DELETE CASCADE,
    chunk BIGINT NOT NULL,
    track {json} NOT NULL,
    PRIMARY KEY (file_id, chunk)
);
