# Browsers that are told while no page is open.

push-title = Tell this browser
push-hint = News of yours that the site shows are shown by the browser too, while no page is open. The push service of the browser’s maker passes them on and cannot read them.
push-unsupported = This browser cannot be told: it knows no push messages, runs no scripts, or the page is not reached by HTTPS.
push-on = This browser is told.
push-off = This browser is not told.
push-denied = This browser refuses messages of this site. You can allow them in its settings.
push-failed = The browser could not be signed up. Try again later.
push-start = Tell this browser
push-stop = Tell this browser no more
push-switch = Tell my browsers what the site tells me
push-removed = The browser is told no more.
push-browser = A browser
