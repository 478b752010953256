// The browser that is told while no page is open: a button in the settings signs it up, another ends it.
import { find } from './dom';

const api = '/api/v1/users/me/push';
const section = find<HTMLElement>('section[data-push]');
const capable = 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;
if (section && capable && window.isSecureContext) void offer(section);

async function offer(section: HTMLElement): Promise<void> {
  const start = find<HTMLButtonElement>('[data-push="start"]', section);
  const stop = find<HTMLButtonElement>('[data-push="stop"]', section);
  const status = find<HTMLElement>('[role="status"]', section);
  if (!start || !stop || !status) return;
  const draw = async (fault?: string): Promise<void> => {
    const on = (await current()) !== null;
    const denied = Notification.permission === 'denied';
    start.hidden = on || denied;
    stop.hidden = !on;
    status.textContent = section.dataset[fault ?? (denied ? 'denied' : on ? 'on' : 'off')] ?? '';
  };
  const when = (button: HTMLButtonElement, what: () => Promise<void>): void => {
    button.addEventListener('click', () => {
      button.disabled = true;
      void what()
        .then(() => draw(), () => draw('failed'))
        .finally(() => (button.disabled = false));
    });
  };
  when(start, signUp);
  when(stop, signOff);
  if (!isListed(section)) await signOff();
  await draw();
}

/** Is this browser's subscription one of the user who reads this page? It ends with the session. */
function isListed(section: HTMLElement): boolean {
  const id = localStorage.getItem('push');
  const listed = section.querySelectorAll<HTMLInputElement>('input[name="id"]');
  return id !== null && [...listed].some((one) => one.value === id);
}

async function current(): Promise<PushSubscription | null> {
  const known = await navigator.serviceWorker.getRegistration('/');
  return (await known?.pushManager.getSubscription()) ?? null;
}

async function signUp(): Promise<void> {
  if ((await Notification.requestPermission()) !== 'granted') return;
  const { publicKey } = (await send('GET', api)) as { publicKey: string };
  await navigator.serviceWorker.register('/push-worker.js', { scope: '/' });
  const worker = await navigator.serviceWorker.ready;
  const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
  try {
    const kept = (await send('POST', `${api}/subscriptions`, made.toJSON())) as { subscription: { id: number } };
    localStorage.setItem('push', String(kept.subscription.id));
  } catch (error) {
    await made.unsubscribe();
    throw error;
  }
}

async function signOff(): Promise<void> {
  await (await current())?.unsubscribe();
  const id = localStorage.getItem('push');
  localStorage.removeItem('push');
  // Where the number is lost the push service tells the site that this browser is gone.
  if (id) await fetch(`${api}/subscriptions/${id}`, { method: 'DELETE' });
}

async function send(method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}
