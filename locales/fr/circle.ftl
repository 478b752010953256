# Links to videos that are shared.

shared-title = Quelqu’un partage une vidéo avec vous.
shared-text = Ce lien ne s’ouvre que quelques fois. Une fois ouvert, vous pouvez regarder pendant douze heures.
shared-left = { $count ->
    [one] Il s’ouvre encore une fois.
   *[other] Il s’ouvre encore { $count } fois.
}
