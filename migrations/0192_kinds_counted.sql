-- Lists of categories and of licences tell their total from kept counts too: 'category:7', 'licence:2'.
UPDATE video SET counted = coalesce(category, 0) || ' ' || coalesce(licence, 0) || ' ' || counted
WHERE counted IS NOT NULL;

INSERT INTO video_count (scope, listed, nsfw, videos)
SELECT 'category:' || category, listed, nsfw, count(*) FROM video
WHERE counted IS NOT NULL AND category <> 0 GROUP BY category, listed, nsfw;

INSERT INTO video_count (scope, listed, nsfw, videos)
SELECT 'licence:' || licence, listed, nsfw, count(*) FROM video
WHERE counted IS NOT NULL AND licence <> 0 GROUP BY licence, listed, nsfw;
