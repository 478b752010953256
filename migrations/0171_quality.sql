-- What a video's picture is like, for its encoders. NULL: as the site's settings say.
ALTER TABLE video ADD COLUMN quality TEXT;
