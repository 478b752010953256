# Words of the upload page that are set by script.

js-untitled = untitled
js-queued = Next
js-uploading = Uploading
js-paused = Paused. What has arrived stays.
js-pause-upload = Pause
js-go-on = Go on
js-cancel-upload = Stop and remove
js-cancel-sure = Stop uploading { $name }? What has arrived is thrown away.
js-sent-of = { $sent } of { $size }
js-speed = { $speed } a second
js-seconds-left = { $seconds ->
    [one] one second left
   *[other] { $seconds } seconds left
}
js-minutes-left = { $minutes ->
    [one] one minute left
   *[other] { $minutes } minutes left
}
js-hours-left = { $hours } h { $minutes } min left
js-no-connection = { $seconds ->
    [one] No answer from the server. Trying again in one second
   *[other] No answer from the server. Trying again in { $seconds } seconds
}
js-waits-for-file = Waits for its file
js-choose-again = Choose { $name } again and it goes on where it stopped.
js-choose-file = Choose the file
js-arrived = Arrived
js-ready = Ready
js-stopped = Stopped
js-upload-refused = The server did not take the file. { $code }
js-save-refused = That could not be saved.
js-remove = Remove
js-watch-it = Watch
js-edit-it = Edit
js-save = Save
js-publish-now = Publish
js-publish-later = Publish when it has arrived
js-will-publish = It will be published as soon as it has arrived
js-published = Published
js-saved = Saved
js-draft-saved = Draft saved
js-add-line = Add a line
js-cue-start = From
js-cue-end = Until
js-cue-text = Words
js-chosen = { $count ->
    [one] one chosen
   *[other] { $count } chosen
}
