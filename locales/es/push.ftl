# Browsers that are told while no page is open.

push-title = Avisar a este navegador
push-hint = Lo que el sitio te avisa, también lo avisa el navegador cuando no hay ninguna página abierta. El servicio push del fabricante del navegador lo transmite y no puede leerlo.
push-unsupported = No se puede avisar a este navegador: no conoce los mensajes push, no ejecuta scripts o la página no se abrió por HTTPS.
push-on = Se avisa a este navegador.
push-off = No se avisa a este navegador.
push-denied = Este navegador rechaza los mensajes de este sitio. Puedes permitirlos en su configuración.
push-failed = No se pudo registrar el navegador. Inténtalo más tarde.
push-start = Avisar a este navegador
push-stop = No avisar más a este navegador
push-switch = Avisar a mis navegadores de lo que el sitio me avisa
push-removed = Ya no se avisa al navegador.
push-browser = Un navegador
