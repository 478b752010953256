-- What captions say, in passages of a few dozen lines, so that a phrase leads to a video and a second.
CREATE TABLE caption_passage (
    id {id},
    caption_id BIGINT NOT NULL REFERENCES caption(id) ON DELETE CASCADE,
    video_id BIGINT NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    lines TEXT NOT NULL,
    folded TEXT NOT NULL
);
CREATE INDEX caption_passage_caption ON caption_passage (caption_id);
CREATE INDEX caption_passage_video ON caption_passage (video_id);
ALTER TABLE caption ADD COLUMN indexed BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX caption_not_indexed ON caption (id) WHERE NOT indexed;
