# Courriels à propos des comptes.

mail-hello = Bonjour { $name },
mail-first-subject = Choisissez votre mot de passe
mail-first = un compte a été créé pour vous sur { $site }. Choisissez votre mot de passe ici, dans les sept jours :
mail-forgotten-subject = Nouveau mot de passe pour votre compte
mail-forgotten = quelqu’un a demandé un nouveau mot de passe pour votre compte sur { $site }. Choisissez-le ici, dans l’heure :
mail-forgotten-end = Si ce n’était pas vous, ne faites rien : votre mot de passe reste le même.
mail-prove-subject = Confirmez votre adresse sur { $site }
mail-prove = merci de confirmer dans l’heure que cette adresse est la vôtre :
mail-prove-end = Si vous ne vous êtes pas inscrit sur { $site }, ne faites rien.
mail-accepted-subject = Votre demande pour { $name } a été acceptée
mail-accepted = Votre demande d’inscription sur { $site } a été acceptée. Connectez-vous ici :
mail-rejected-subject = Votre demande pour { $name } a été refusée
mail-rejected = Votre demande d’inscription sur { $site } a été refusée.
mail-account-blocked-subject = Compte bloqué
mail-account-blocked = votre compte sur { $site } a été bloqué.
mail-account-unblocked-subject = Compte débloqué
mail-account-unblocked = votre compte sur { $site } a été débloqué.
mail-reason = Raison : { $reason }
mail-device-subject = Nouvelle connexion à votre compte
mail-device = quelqu’un s’est connecté à votre compte sur { $site } avec un appareil encore inconnu :
mail-device-end = Si c’était vous, il n’y a rien à faire. Sinon, changez votre mot de passe ; cela met fin à toutes les autres connexions :
