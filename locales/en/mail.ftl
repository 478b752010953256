# Mails about accounts.

mail-hello = Hi { $name },
mail-first-subject = Create your account password
mail-first = an account was made for you on { $site }. Choose your password here, within seven days:
mail-forgotten-subject = Reset your account password
mail-forgotten = somebody asked for a new password for your account on { $site }. Choose one here, within an hour:
mail-forgotten-end = If it was not you, do nothing: your password stays as it is.
mail-prove-subject = Verify your email on { $site }
mail-prove = please confirm within an hour that this mail address is yours:
mail-prove-end = If you did not sign up on { $site }, do nothing.
mail-accepted-subject = Your registration request for { $name } has been accepted
mail-accepted = Your request to join { $site } was accepted. Log in here:
mail-rejected-subject = Your registration request for { $name } has been rejected
mail-rejected = Your request to join { $site } was rejected.
mail-account-blocked-subject = Account blocked
mail-account-blocked = your account on { $site } has been blocked.
mail-account-unblocked-subject = Account unblocked
mail-account-unblocked = your account on { $site } has been unblocked.
mail-reason = Reason: { $reason }
mail-device-subject = New login to your account
mail-device = somebody logged in to your account on { $site } with a device that was not seen before:
mail-device-end = If it was you, there is nothing to do. If not, change your password; that ends all other log-ins:
