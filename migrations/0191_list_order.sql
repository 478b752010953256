-- A page of a list is found in an index alone: what lists leave out (for whom it is listed, sensitive
-- videos, muted accounts) and the category stand beside the order.
DROP INDEX video_newest;
DROP INDEX video_most_viewed;
DROP INDEX video_most_liked;
DROP INDEX video_trending;
DROP INDEX video_hot;
DROP INDEX video_by_name;
DROP INDEX video_by_duration;
DROP INDEX video_by_original_date;
DROP INDEX video_most_commented;
DROP INDEX video_by_created;
DROP INDEX video_by_category;
CREATE INDEX video_newest
    ON video (published_at DESC, id, listed, nsfw, account_id, category) WHERE listed > 0;
CREATE INDEX video_most_viewed
    ON video (views DESC, id, listed, nsfw, account_id, category) WHERE listed > 0;
CREATE INDEX video_most_liked
    ON video (likes DESC, id, listed, nsfw, account_id, category) WHERE listed > 0;
CREATE INDEX video_trending
    ON video (trending DESC, views DESC, id, listed, nsfw, account_id, category) WHERE listed > 0;
CREATE INDEX video_hot
    ON video (hot DESC, id, listed, nsfw, account_id, category) WHERE listed > 0;
CREATE INDEX video_by_name
    ON video (name_key, id, listed, nsfw, account_id, category) WHERE listed > 0;
CREATE INDEX video_by_duration
    ON video (duration_s, id, listed, nsfw, account_id, category) WHERE listed > 0;
CREATE INDEX video_by_original_date
    ON video (coalesce(originally_published_at, published_at) DESC, id, listed, nsfw, account_id, category)
    WHERE listed > 0;
CREATE INDEX video_most_commented
    ON video (comment_count DESC, id, listed, nsfw, account_id, category) WHERE listed > 0;
CREATE INDEX video_by_created
    ON video (created_at DESC, id, listed, nsfw, account_id, category) WHERE listed > 0;
CREATE INDEX video_by_category
    ON video (category, published_at DESC, id, listed, nsfw, account_id) WHERE listed > 0;
