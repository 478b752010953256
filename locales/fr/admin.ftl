# The machine room: what those who run the place see.

admin-health = Health
admin-jobs = Jobs
admin-people = People
admin-videos = Videos
admin-settings = Settings
health-well = Everything is well.
health-some = { $count ->
    [one] One thing needs you.
   *[other] { $count } things need you.
}
mood-good = Well
mood-warn = Warning
mood-bad = Problem
check-database = Database
check-database-text = Answers in { $ms } ms.
check-disk = Disk
check-disk-text = { $free } free where the videos are kept.
check-jobs = Making of qualities
check-jobs-text = { $waiting } waiting, { $running } at work.
check-failed = { $count ->
    [one] One job has failed
   *[other] { $count } jobs have failed
}
check-failed-text = Each says why, and can be tried again.
check-mail = Mail
check-mail-off = Mail is not set up, so nobody gets “forgot password” letters.
check-mail-on = Letters leave through { $host }.
check-address = Address
check-address-text = People find this place at { $url }.
check-address-local = The public address is { $url }, so people elsewhere cannot reach it yet.
jobs-lead = { $waiting } waiting, { $running } at work, { $failed } failed
jobs-empty = Nothing is being done at the moment.
job-kind = What
job-state = State
job-tries = Tries
job-when = When
job-waiting = waiting
job-running = at work
job-done = done
job-failed = failed
job-cancelled = stopped
job-retry = Try again
job-cancel = Stop
job-retried = It will be tried again.
people-lead = Everybody with an account here
people-empty = Nobody yet.
person-name = Name
person-role = Role
person-mail = E-mail
person-videos = Videos
person-state = State
role-0 = Administrator
role-1 = Moderator
role-2 = Member
person-blocked = closed
person-open = open
person-block = Close
person-unblock = Open again
person-block-sure = Close this account? Nothing of it is removed.
admin-videos-lead = Everything on this place, newest first
video-block = Block
video-unblock = Unblock
video-block-sure = Block this video? Nobody but its maker will see it.
setting-name = Name of this place
setting-short = In one line
setting-about = About it
setting-terms = Rules
setting-signup = New accounts
setting-signup-open = People may make an account
setting-signup-approval = Somebody looks at each request first
setting-look = What it is
setting-look-hint = The words on the first page people see.
setting-signup-hint = Who may join.
setting-hue = Hue of the site (0 to 359)
