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
import-hint-torrent = Or a magnet link: it is fetched from those who have it.
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

# A search that another site answers.

search-only-here = Only on this site

# What one has reported.

own-reports = Your reports
own-reports-lead = What you have told the moderators of, and what they said
own-reports-none = You have reported nothing. Videos, comments and accounts have a button for it.
own-report-talk = Talk with the moderators
own-report-said = { $count ->
    [one] One message
   *[other] { $count } messages
}

# The front page, row by row.

home-rows = Front page
home-rows-lead = What stands on the front page, from top to bottom.
home-rows-none = The front page finds its own order: new work, what is watched a lot, what was made here. Add a row to choose for yourself.
home-row = Row
home-row-about = About
home-row-add = Add a row
home-row-hint = For a channel its handle, for a tag the word, for a playlist its address’s last part, for a text Markdown. The others need nothing.
home-row-up = Up
home-row-down = Down
home-row-wrong = This row needs to be told what it is about, or takes nothing.
home-row-missing = There is no such channel or public playlist here.
home-row-feature = Newest work, large
home-row-new = New videos
home-row-trending = Watched a lot
home-row-local = Made here
home-row-channels = Active channels
home-row-channel = Videos of a channel
home-row-tag = Videos with a tag
home-row-playlist = A playlist
home-row-text = A text

# Who follows a channel.

followers = Followers
followers-lead = They hear what is new in this channel. Whoever you send away can come back: mute them to keep them away.
followers-none = Nobody follows this channel yet.
follower-gone = They no longer follow this channel.

# A playlist that is watched as a programme.

programme-join = What is on now
programme-hint = Everybody sees the same at the same time, around the clock.
programme-now = Back to what is on now

# What changes hands.

offers = Offers
offers-lead = Videos and channels that change hands, and channels that you are asked to help with.
offers-none = Nobody has offered you anything, and you have offered nothing.
offers-what = What
offers-video = Video
offers-channel = Channel with its videos
offers-help = You are asked to help
offers-from = { $name } wants to give it to you
offers-to = Waits for { $name }
offers-take = Take
offers-into = Into this channel
offers-refuse = Refuse
offers-withdraw = Take back
offers-taken = It is yours now.
offers-refused = The offer is refused.
offers-withdrawn = The offer is taken back.
offers-give = Give something away
offers-thing = Video or channel
offers-thing-hint = Its address, or the name of the channel.
offers-offer = Offer
offers-made = The offer is made. It changes hands when it is taken.
offers-unknown = There is no such video or channel.
offers-not-yours = That is not yours to give.
offers-twice = It is offered to somebody already, or theirs already.

# Whom one does not hear.

own-mutes = Muted
own-mutes-lead = You neither see nor hear what these say and make.
own-mutes-none = You have muted nobody. There is a button on the page of each account.
mute-yourself = You cannot mute yourself.
muted-by-you = You have muted them
muted-by-site = Muted for everybody here
muted-server-by-you = You have muted their server
muted-server-by-site = Their server is muted for everybody here
reports-choose = Nothing was chosen. Tick the reports first.
reports-decided = Decided. Those who reported are told.
