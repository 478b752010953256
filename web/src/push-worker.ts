// Shows what the site pushes while no page is open, and leads to it. It touches no request of the pages.

interface News {
  title: string;
  body: string;
  path: string;
  tag: string;
}

// What of a service worker is used here; the types of pages know none of it.
interface Waiting extends Event {
  waitUntil(what: Promise<unknown>): void;
}
interface Pushed extends Waiting {
  data: { json(): News } | null;
}
interface Clicked extends Waiting {
  notification: Notification;
}
interface Worker extends EventTarget {
  registration: ServiceWorkerRegistration;
  clients: {
    matchAll(which: { type: 'window' }): Promise<{ url: string; focus(): Promise<unknown> }[]>;
    openWindow(url: string): Promise<unknown>;
  };
}

const worker = self as unknown as Worker;

worker.addEventListener('push', (event) => {
  const pushed = event as Pushed;
  const news = pushed.data?.json();
  if (!news) return;
  const { title, body, tag, path } = news;
  pushed.waitUntil(worker.registration.showNotification(title, { body, tag, data: path, dir: 'auto' }));
});

worker.addEventListener('notificationclick', (event) => {
  const clicked = event as Clicked;
  clicked.notification.close();
  clicked.waitUntil(lead(String(clicked.notification.data)));
});

/** To the page where it is open already, else to a new one; never to another site. */
async function lead(path: string): Promise<unknown> {
  const url = new URL(path, location.origin);
  if (url.origin !== location.origin) return undefined;
  const open = (await worker.clients.matchAll({ type: 'window' })).find((it) => it.url === url.href);
  return open ? open.focus() : worker.clients.openWindow(url.href);
}
