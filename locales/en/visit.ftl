# Pages that visitors see, and why some are closed.

sensitive-badge = sensitive
download-sound = Sound only
video-lost = There is no such video here.
video-blocked = This video is blocked here.
video-blocked-text = Those who run this place have taken it out of sight.
video-internal = This video is for people with an account here.
video-internal-text = Log in to watch it.
video-private = This video is private.
video-private-login = Only its maker sees it. If that is you, log in.
video-private-text = Only its maker sees it.
browse-liked = Liked a lot
about-moderation = Moderation
figure-comments = Comments
remote-none = That server does not say where one can follow from it.
remote-here = Have an account here?
history-forget = Forget all
history-sure = Forget everything you have watched?
history-gone = Forgotten.
comment-gone-by = removed
comment-approve = Approve
comments-more = Older comments
comment-length = A comment has 1 to 10,000 characters.
comment-waits = Thank you. The maker will look at it first.
