-- What the body of a call looks like: standard, discord or matrix.
ALTER TABLE webhook ADD COLUMN form TEXT NOT NULL DEFAULT 'standard';
