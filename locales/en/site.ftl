# The frame of every page, lists and errors.

skip = Skip to content
nav-main = Main
nav-home = Home
nav-discover = Discover
nav-subscriptions = Subscriptions
search = Search
search-label = Search videos and channels
theme = Light or dark
menu = Menu
upload = Upload
your-account = { $name }, your account
your-videos = Your videos
your-playlists = Your playlists
history = Watched
settings = Settings
admin = Machine room
login = Log in
logout = Log out
signup = Make an account
about-place = About this place
rules = Rules
feeds = Feeds
language = Language
change = Change
runs-on = Runs on Vidicon
live = live
watched = Watched
watch = Watch
watch-on = Watch on { $site }
see-all = See all
channels = Channels
videos = Videos
video = Video
pages = Pages
pages-back = Back
pages-next = Next
pages-now = Page { $page }
close = Close
copy = Copy
copied = Copied
save = Save
saved = Saved.
edit = Edit
remove = Remove
ready = ready
name = Name
time = Time
state = State
size = Size
actions = Actions
look = Have a look
what-it-said = What it said
home-feature = Newest work
home-empty = Nothing to watch yet.
home-empty-text = This place is new. The first video can be ten seconds long.
home-new = New
home-trending = Watched a lot
home-local = Made here
search-quote = “{ $words }”
search-count = { $count ->
    [0] Nothing found
    [one] One video
   *[other] { $count } videos
}
search-none = Nothing fits these words.
search-none-text = Try fewer words, or look for the maker.
order = Order
order-match = Best match
order-new = Newest
order-views = Most watched
order-short = Shortest
order-long = Longest
order-trending = Trending
filter-any-length = Any length
filter-short = Under 4 minutes
filter-medium = 4 to 10 minutes
filter-long = Over 10 minutes
filter-here = Made here
filter-live = Live
to-front = Go to the front page
error-400 = That cannot be done.
error-401 = Please log in.
error-401-text = This page is for people with an account here.
error-403 = This is not for you.
error-403-text = Its maker or this place decided who may see it.
error-404 = There is nothing at this address.
error-404-text = The video may have moved, or its maker has taken it down. If someone gave you this link, ask them for a new one.
error-413 = That is too large.
error-429 = That was a little fast.
error-429-text = Please wait a moment and try again.
error-500 = Something here is broken.
error-500-text = It is not your fault. It has been written down, and somebody will look.
error-text = Go back, change it and try again. What you typed is still there.
cross-site = This came from another site, so it was not done.
views-count = { $count ->
    [one] one view
   *[other] { $count } views
}
videos-count = { $count ->
    [0] no videos yet
    [one] one video
   *[other] { $count } videos
}
followers-count = { $count ->
    [0] no followers yet
    [one] one follower
   *[other] { $count } followers
}
video-and-followers = { $videos } · { $followers }
date = { $day } { $month } { $year }
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
ago-now = just now
ago-minutes = { $count ->
    [one] a minute ago
   *[other] { $count } minutes ago
}
ago-hours = { $count ->
    [one] an hour ago
   *[other] { $count } hours ago
}
ago-days = { $count ->
    [one] yesterday
   *[other] { $count } days ago
}
length-s = { $seconds } s
length-ms = { $minutes } min { $seconds } s
length-hm = { $hours } h { $minutes } min
subscriptions-lead = What the channels you follow have made
subscriptions-empty = You follow nobody yet.
subscriptions-empty-text = Press Follow on a channel, and its new videos will stand here.
history-lead = What you have watched, newest first
history-empty = Nothing watched yet.
history-empty-text = Videos you watch while logged in will stand here.
playlists-lead = Lists you keep
playlists-empty = No lists yet.
playlists-empty-text = Press Save under a video to begin one.
playlist-empty = This list is empty.
playlist-note = { $count ->
    [0] no videos
    [one] one video
   *[other] { $count } videos
}
watch-all = Watch from the start
channel-videos = Videos
channel-playlists = Playlists
channel-about = About
account-channels = Channels
channel-empty = No videos yet.
made-by = Made by
about-what = What this place is
about-rules = Rules
about-who = Who runs it
about-nothing = Nobody has written anything here yet.
about-figures = In figures
figure-videos = Videos made here
figure-people = People
figure-views = Views
software = Software
software-text = This site runs on Vidicon { $version }, free software under the AGPL.
remote-title = Follow from where you are
remote-text = You have an account on another server? Give its address and we take you there.
remote-handle = Your name there, like me@elsewhere.example
remote-go = Go there
remote-bad = That does not look like name@server.
size-b = { $n } B
size-kb = { $n } kB
size-mb = { $n } MB
size-gb = { $n } GB
size-tb = { $n } TB
