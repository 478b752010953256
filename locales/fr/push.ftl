# Browsers that are told while no page is open.

push-title = Prévenir ce navigateur
push-hint = Ce que le site vous signale, le navigateur le signale aussi quand aucune page n’est ouverte. Le service push de l’éditeur du navigateur le transmet sans pouvoir le lire.
push-unsupported = Ce navigateur ne peut pas être prévenu : il ne connaît pas les messages push, n’exécute pas de scripts, ou la page n’est pas ouverte en HTTPS.
push-on = Ce navigateur est prévenu.
push-off = Ce navigateur n’est pas prévenu.
push-denied = Ce navigateur refuse les messages de ce site. Vous pouvez les autoriser dans ses réglages.
push-failed = Le navigateur n’a pas pu être inscrit. Réessayez plus tard.
push-start = Prévenir ce navigateur
push-stop = Ne plus prévenir ce navigateur
push-switch = Signaler à mes navigateurs ce que le site me signale
push-removed = Le navigateur n’est plus prévenu.
push-browser = Un navigateur
