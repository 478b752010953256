-- A browser is told of a user's news as long as it is logged in: with the session goes the subscription.
ALTER TABLE push_subscription ADD COLUMN session_id BIGINT REFERENCES session(id) ON DELETE CASCADE;
CREATE INDEX push_subscription_session ON push_subscription (session_id);
