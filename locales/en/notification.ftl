# Mails about what happens, and the page that stops them.

mail-stop = No more mails like this:
mail-digest = { $count ->
    [one] One piece of news
   *[other] { $count } pieces of news
}
mail-new-video = { $who } just published a new video: { $what }
mail-new-live = { $who } is live streaming: { $what }
mail-comment = New comment on your video { $what } by { $who }
mail-mention = Mention on video { $what } by { $who }
mail-abuse-video = New video abuse report (#{ $report })
mail-abuse-comment = New comment abuse report (#{ $report })
mail-abuse-account = New account abuse report (#{ $report })
mail-auto-blocked = A new video is pending moderation: { $what }
mail-blocked = Video { $what } blacklisted
mail-unblocked = Video { $what } unblacklisted
mail-published = Your video { $what } has been published
mail-imported = Your video import { $what } is complete
mail-import-failed = Your video import { $what } encountered an error
mail-registered = A new user registered on { $site }: { $who }
mail-registration-asked = A new user wants to register: { $who }
mail-followed = New follower on your channel { $what }: { $who }
mail-server-followed = New instance follower: { $what }
mail-auto-followed = Auto instance following: { $what }
mail-abuse-accepted = Report #{ $report } has been accepted
mail-abuse-rejected = Report #{ $report } has been rejected
mail-abuse-message = New message on report #{ $report }
mail-new-version = Version { $what } of this program is out
mail-studio-finished = Edition of your video { $what } has finished
mail-transcribed = Transcription in { $language } of your video { $what } has been generated
mail-collaboration-asked = { $who } asks you to help with the channel { $what }
mail-collaboration-accepted = { $who } helps with your channel { $what } now
mail-collaboration-rejected = { $who } does not want to help with your channel { $what }
mail-ownership-offered = { $who } wants to give you { $what }
mail-ownership-accepted = { $who } has taken { $what } over
mail-ownership-rejected = { $who } does not want { $what }
mail-blocklist-updated = The block list { $what } has changed who is muted
mail-test = This site can send mail
mail-test-text = If you read this, letters from { $site } arrive.
stop-title = Mails from us
stop-text = Shall we stop sending you mails of this sort? What happens still stands in your notifications.
stop-button = Stop them
stop-done = Done. No more mails of this sort are sent to you.
