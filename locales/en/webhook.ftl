# What rooms of Discord and Matrix are told, and how that is chosen.

webhook-form = Form of the call
webhook-form-hint = Discord and Matrix get a sentence and a link. Their address is the one of a webhook of a channel, or of hookshot.
webhook-standard = signed event
webhook-discord = Discord
webhook-matrix = Matrix (hookshot)
hook-uploaded = New upload: { $what }
hook-published = { $who } published { $what }
hook-blocked = { $what } was blocked
hook-unblocked = { $what } is no longer blocked
hook-live = { $who } is live: { $what }
hook-comment = { $who } commented on { $what }
hook-comment-approved = A comment of { $who } on { $what } was approved
hook-followed = { $who } follows { $what }
hook-registered = New account: { $who }
hook-asked = { $who } asks for an account
hook-reported = New report (#{ $report })
hook-decided = Report #{ $report } was decided
hook-imported = Import finished: { $what }
hook-import-failed = Import failed: { $what }
hook-test = This is a test.
