-- The age from which a video may be watched, 0 for any, and the countries where it is not shown.
ALTER TABLE video ADD COLUMN min_age BIGINT NOT NULL DEFAULT 0;
ALTER TABLE video ADD COLUMN hidden_in {json};
