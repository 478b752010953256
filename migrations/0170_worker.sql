-- Workers of ours among the runners: what they can encode, and how far their results are trusted.
-- encoders: names between blanks, with a blank at both ends; NULL for other programs.
ALTER TABLE runner ADD COLUMN encoders TEXT;
ALTER TABLE runner ADD COLUMN trust BIGINT NOT NULL DEFAULT 50;

-- needs: the encoder that the job is for.
ALTER TABLE runner_job ADD COLUMN needs TEXT;
