-- Which videos have a word in their name or tags, so that the newest are found without a look at all.
CREATE TABLE video_word (
    word TEXT COLLATE "C" NOT NULL,
    video_id BIGINT NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    PRIMARY KEY (word, video_id)
);
CREATE INDEX video_word_video ON video_word (video_id);
INSERT INTO video_word (word, video_id)
    SELECT DISTINCT left(word, 200), video.id
    FROM video, regexp_split_to_table(video.folded, ' ') AS word WHERE word <> '';
CREATE FUNCTION keep_video_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM video_word WHERE video_id = NEW.id;
    END IF;
    INSERT INTO video_word (word, video_id)
        SELECT DISTINCT left(word, 200), NEW.id
        FROM regexp_split_to_table(NEW.folded, ' ') AS word WHERE word <> '';
    RETURN NULL;
END $$;
CREATE TRIGGER video_word_add AFTER INSERT ON video
    FOR EACH ROW EXECUTE FUNCTION keep_video_words();
CREATE TRIGGER video_word_change AFTER UPDATE OF folded ON video
    FOR EACH ROW WHEN (NEW.folded IS DISTINCT FROM OLD.folded) EXECUTE FUNCTION keep_video_words();
