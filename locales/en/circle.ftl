# Links to videos that are shared.

shared-title = Somebody shares a video with you.
shared-text = This link opens a few times only. Once you open it, you can watch for twelve hours.
shared-left = { $count ->
    [one] It opens once more.
   *[other] It opens { $count } more times.
}
