-- Spans of dangerous flashes, as [[start, end], …] in milliseconds. NULL: nobody has looked.
ALTER TABLE video ADD COLUMN flashes {json};
