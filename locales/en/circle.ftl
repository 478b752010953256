# Links to videos that are shared.

shared-title = Somebody shares a video with you.
shared-text = This link opens a few times only. Once you open it, you can watch for twelve hours.
shared-left = { $count ->
    [one] It opens once more.
   *[other] It opens { $count } more times.
}

# Changes of many videos at once.

bulk-more = More changes
bulk-keep = Leave as it is
bulk-yes = Yes
bulk-no = No
bulk-add-tags = Add tags, with commas between
bulk-remove-tags = Take tags away, with commas between
bulk-apply = Change chosen videos

# Videos that are fetched from elsewhere.

imports = From an address
import-address = Address of the video
import-hint = A file, or a page with a video. Title, description, words and picture are taken over.
import-begin = Fetch it
import-begun = It is being fetched.
import-off = Nothing is fetched from elsewhere on this site.
imports-none = You have fetched nothing yet.
import-waits = Waiting
import-runs = Being fetched
import-done = Fetched
import-failed = It failed
import-cancelled = Taken back
import-retry = Try again
import-cancel = Take back
import-forget = Forget
import-again = Look again
import-changed = Done.

# The age at which one may join.

signup-age = I am at least { $age } years old.
signup-age-first = Please confirm how old you must be to join.

# Channels of other sites that are kept in step.

syncs = Channels kept in step
syncs-hint = What is new in a channel of another site comes here by itself, and is seen by everyone.
sync-address = Address of the channel there
sync-begin = Keep in step
sync-begun = It is looked at every hour from now on.
sync-now = Look now
sync-end = Keep it no more
sync-done = In step
