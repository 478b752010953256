-- What keeps a job from going on, and how long the rest of it will take by the speed measured so far.
ALTER TABLE job ADD COLUMN waits_for TEXT;
ALTER TABLE job ADD COLUMN left_ms BIGINT;
