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
playlist-hidden = not listed
playlist-delete-sure = Remove the list “{ $name }”? The videos stay.
playlist-deleted = The list is removed.
playlist-gone = A video that is gone or not for you
playlist-up = Earlier
playlist-down = Later
playlist-new = New list
playlist-make = Make
playlist-name-bad = A name has 1 to 120 characters.
list-place = Number { $position } · { $note }

# What moderators did, for everybody
acts-title = What the moderators did
acts-lead = Every decision with its day and reasons, and without a name.
acts-none = Nothing had to be decided yet.
acts-blocked = A video was blocked
acts-unblocked = A video is shown again
acts-accepted-video = A report about a video was accepted
acts-accepted-comment = A report about a comment was accepted
acts-accepted-account = A report about an account was accepted
acts-refused-video = A report about a video was refused
acts-refused-comment = A report about a comment was refused
acts-refused-account = A report about an account was refused
acts-muted-account = An account was muted for everybody
acts-muted-server = A server was muted for everybody
acts-unmuted-account = An account is heard again
acts-unmuted-server = A server is heard again
said-at = Said at { $time }

about-elsewhere = Elsewhere
embed-not-here = This video is not shown here
embed-not-here-text = Its maker has named the sites that may show it, and this is none of them.
