# Links to videos that are shared.

shared-title = Jemand teilt ein Video mit dir.
shared-text = Dieser Link lässt sich nur wenige Male öffnen. Danach kannst du zwölf Stunden lang schauen.
shared-left = { $count ->
    [one] Er lässt sich noch einmal öffnen.
   *[other] Er lässt sich noch { $count } Mal öffnen.
}
