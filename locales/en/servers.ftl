# Other servers: how they are reached, and who follows whom.

follows-none = None yet.
server = Server
server-well = reached
server-failing = not reached
server-untried = not tried yet
server-failures = { $count ->
    [one] One try failed
   *[other] { $count } tries failed
}
server-lead = { $waiting } waiting, { $missed } not taken. What was not taken can be sent again for a month.
server-missed = not taken
server-retry = Try now
server-again = Send again
server-again-all = Send all again
server-tried = It is being sent now.
about-follows = Connected places
about-follows-lead = Videos go to and fro between this place and these.
about-followers = Places that follow this one
about-followings = Places that this one follows
