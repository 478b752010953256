-- Actors that move: where else an actor of ours is known, where one has gone, and in whose name of
-- before an activity is sent.
ALTER TABLE actor ADD COLUMN aliases TEXT;
ALTER TABLE actor ADD COLUMN moved_to TEXT;
ALTER TABLE sent_activity ADD COLUMN signed_as TEXT;
