// Passkeys: a button on the log-in page, and a list on the security page where new ones are made.
// Browsers that know none see nothing of it.
import { find, h } from './dom';

const api = '/api/v1/users';

interface Options {
  publicKey: Record<string, unknown> & { challenge: string };
}

interface Key {
  id: number;
  name: string;
  createdAt: string;
}

if ('PublicKeyCredential' in window) {
  const login = find<HTMLButtonElement>('[data-passkey="login"]');
  if (login) offerLogin(login);
  const section = find<HTMLElement>('[data-passkey="keys"]');
  if (section) void showKeys(section);
}

function offerLogin(button: HTMLButtonElement): void {
  button.hidden = false;
  button.addEventListener('click', () => {
    void attempt(async () => {
      const { publicKey } = await ask(`${api}/passkeys/challenge`);
      const options = { ...publicKey, challenge: bytes(publicKey.challenge), allowCredentials: [] };
      const found = await navigator.credentials.get({ publicKey: options as PublicKeyCredentialRequestOptions });
      await send('POST', '/login/passkey', { credential: told(found as PublicKeyCredential) });
      const next = find<HTMLInputElement>('input[name="next"]')?.value ?? '/';
      location.assign(next);
    });
  });
}

async function showKeys(section: HTMLElement): Promise<void> {
  const list = find<HTMLUListElement>('ul', section);
  const form = find<HTMLFormElement>('form', section);
  if (!list || !form) return;
  const draw = async (): Promise<void> => {
    const answer = (await send('GET', `${api}/me/passkeys`)) as { data: Key[] };
    list.replaceChildren(...answer.data.map((key) => line(key, section, draw)));
    list.hidden = answer.data.length === 0;
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const name = String(new FormData(form).get('name') ?? '');
    void attempt(async () => {
      const { publicKey } = await ask(`${api}/me/passkeys/challenge`);
      const made = await navigator.credentials.create({ publicKey: creation(publicKey) });
      await send('POST', `${api}/me/passkeys`, { name, credential: told(made as PublicKeyCredential) });
      form.reset();
      await draw();
    });
  });
  section.hidden = false;
  await attempt(draw);
}

function line(key: Key, section: HTMLElement, draw: () => Promise<void>): HTMLElement {
  const end = (): void => {
    void attempt(async () => {
      await send('DELETE', `${api}/me/passkeys/${key.id}`);
      await draw();
    });
  };
  const since = new Date(key.createdAt).toLocaleDateString(document.documentElement.lang);
  const label = section.dataset['end'] ?? '';
  return h(
    'li',
    {},
    h('div', {}, h('strong', { dir: 'auto' }, key.name), h('p', {}, since)),
    h('button', { class: 'btn btn-bare', type: 'button', 'aria-label': `${label} ${key.name}`, onclick: end }, label),
  );
}

function creation(given: Options['publicKey']): PublicKeyCredentialCreationOptions {
  const user = given['user'] as { id: string; name: string; displayName: string };
  const known = given['excludeCredentials'] as { id: string; type: 'public-key' }[];
  return {
    ...given,
    challenge: bytes(given.challenge),
    user: { ...user, id: bytes(user.id) },
    excludeCredentials: known.map((key) => ({ ...key, id: bytes(key.id) })),
  } as unknown as PublicKeyCredentialCreationOptions;
}

/** What the server reads of a credential. */
function told(credential: PublicKeyCredential): Record<string, unknown> {
  const response: Record<string, string> = {};
  const add = (name: string, buffer: ArrayBuffer | undefined): void => {
    if (buffer) response[name] = text(buffer);
  };
  const answer = credential.response as AuthenticatorAttestationResponse & AuthenticatorAssertionResponse;
  add('clientDataJSON', answer.clientDataJSON);
  add('attestationObject', answer.attestationObject);
  add('authenticatorData', answer.authenticatorData);
  add('signature', answer.signature);
  return { id: credential.id, type: credential.type, response };
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64url.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

function text(buffer: ArrayBuffer): string {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

async function ask(path: string): Promise<Options> {
  return (await send('POST', path)) as Options;
}

async function send(method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.status === 204 ? null : answer.json();
}

/** Does it; when it fails the page says so. Who closes the browser's window has not failed. */
async function attempt(what: () => Promise<void>): Promise<void> {
  const fault = find<HTMLElement>('[data-passkey="fault"]');
  if (fault) fault.hidden = true;
  try {
    await what();
  } catch (error) {
    const given_up = error instanceof DOMException && error.name === 'NotAllowedError';
    if (fault && !given_up) fault.hidden = false;
  }
}
