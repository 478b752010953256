// On every page: theme, tabs, dialogs, copying, and forms that change a part of the page in place.
// Everything here also works without it, by links and plain forms, except the theme button.
import { find, h, remembered } from './dom';

document.documentElement.dataset['scripted'] = '';

type Act = (at: HTMLElement, event: Event) => void;

const clicks: Record<string, Act> = {
  '[data-theme-button]': () => switchTheme(),
  '[role=tab]': (tab) => chooseTab(tab),
  '[data-dialog]': (button, event) => openDialog(button, event),
  '[data-close]': (button) => button.closest('dialog')?.close(),
  '[data-copy]': (button) => void copy(button),
  '[data-toggle]': (button) => toggle(button),
};

document.addEventListener('click', (event) => {
  const at = event.target as HTMLElement;
  for (const [selector, act] of Object.entries(clicks)) {
    const found = at.closest<HTMLElement>(selector);
    if (found) act(found, event);
  }
  // A press on the dark around a dialog closes it.
  if (at instanceof HTMLDialogElement && !isInside(at, event as MouseEvent)) at.close();
});

function isInside(dialog: HTMLElement, event: MouseEvent): boolean {
  const box = dialog.getBoundingClientRect();
  return event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
}

/** The choice lies in a cookie, so that the server sends the right theme with the first byte. */
function switchTheme(): void {
  const root = document.documentElement;
  const dark = root.dataset['theme'] ? root.dataset['theme'] === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset['theme'] = dark ? 'light' : 'dark';
  document.cookie = `theme=${root.dataset['theme']}; path=/; max-age=31536000; samesite=lax`;
}

function chooseTab(chosen: HTMLElement): void {
  for (const tab of chosen.parentElement?.querySelectorAll<HTMLElement>('[role=tab]') ?? []) {
    const on = tab === chosen;
    tab.setAttribute('aria-selected', String(on));
    tab.tabIndex = on ? 0 : -1;
    const panel = document.getElementById(tab.getAttribute('aria-controls') ?? '');
    if (panel) panel.hidden = !on;
  }
  chosen.dispatchEvent(new CustomEvent('tab-chosen', { bubbles: true }));
}

/** Tabs are links in the page as served; here they become tabs. */
function makeTabs(list: Element): void {
  list.setAttribute('role', 'tablist');
  for (const link of list.querySelectorAll<HTMLAnchorElement>('a[data-panel]')) {
    const panel = document.getElementById(link.dataset['panel'] ?? '');
    if (!panel) continue;
    const on = link.hasAttribute('aria-current');
    link.setAttribute('role', 'tab');
    link.removeAttribute('aria-current');
    link.setAttribute('aria-selected', String(on));
    link.setAttribute('aria-controls', panel.id);
    link.tabIndex = on ? 0 : -1;
    link.addEventListener('click', (event) => event.preventDefault());
    panel.setAttribute('role', 'tabpanel');
    panel.setAttribute('aria-labelledby', (link.id ||= `${panel.id}-tab`));
    panel.hidden = !on;
  }
}

// One box ticks all of its form.
document.addEventListener('change', (event) => {
  const all = event.target as HTMLInputElement;
  const form = all.dataset?.['all'];
  if (form) for (const box of document.querySelectorAll<HTMLInputElement>(`input[form=${form}]`)) box.checked = all.checked;
});

document.addEventListener('keydown', (event) => {
  const tab = (event.target as HTMLElement).closest?.<HTMLElement>('[role=tab]');
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!tab || !step) return;
  const tabs = [...(tab.parentElement?.querySelectorAll<HTMLElement>('[role=tab]') ?? [])];
  const way = getComputedStyle(tab).direction === 'rtl' ? -step : step;
  const next = tabs[(tabs.indexOf(tab) + way + tabs.length) % tabs.length];
  next?.focus();
  next?.click();
});

function openDialog(button: HTMLElement, event: Event): void {
  const dialog = find<HTMLDialogElement>(`dialog#${button.dataset['dialog']}`);
  if (!dialog) return;
  event.preventDefault();
  dialog.showModal();
}

function toggle(button: HTMLElement): void {
  const target = document.getElementById(button.dataset['toggle'] ?? '');
  if (!target) return;
  target.hidden = !target.hidden;
  button.setAttribute('aria-expanded', String(!target.hidden));
  if (!target.hidden) find<HTMLElement>('input, textarea', target)?.focus();
}

async function copy(button: HTMLElement): Promise<void> {
  const field = document.getElementById(button.dataset['copy'] ?? '') as HTMLInputElement | null;
  if (!field) return;
  field.select();
  await navigator.clipboard?.writeText(field.value).catch(() => document.execCommand('copy'));
  const word = button.querySelector('span');
  if (word && button.dataset['done']) word.textContent = button.dataset['done'];
}

/** A form with `data-swap="id"` is sent in the background; that part of the answering page takes the place of ours. */
document.addEventListener('submit', (event) => {
  const form = event.target as HTMLFormElement;
  const submitter = event.submitter as HTMLButtonElement | null;
  const question = submitter?.dataset['confirm'] ?? form.dataset['confirm'];
  if (question && !form.dataset['sure']) {
    event.preventDefault();
    ask(form, submitter, question);
    return;
  }
  if (!form.dataset['swap'] || form.method === 'dialog') return;
  event.preventDefault();
  void swap(form, submitter, form.dataset['swap']);
});

/** Asks before something is gone; the answer goes along, so that the server does not ask once more. */
function ask(form: HTMLFormElement, submitter: HTMLButtonElement | null, question: string): void {
  const word = submitter?.textContent?.trim() || submitter?.getAttribute('aria-label') || '';
  const no = h('button', { class: 'btn btn-bare', value: '' }, find<HTMLElement>('[data-not-now]')?.dataset['notNow'] ?? '');
  const yes = h('button', { class: 'btn btn-bad', value: 'yes', autofocus: true }, word);
  const dialog = h('dialog', { 'aria-labelledby': 'question' }, h('h2', { id: 'question', class: 't-l' }, question), h('form', { class: 'row gap-top', method: 'dialog' }, yes, no));
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (dialog.returnValue !== 'yes') return;
    const sure = h('input', { type: 'hidden', name: 'sure', value: '1' });
    form.dataset['sure'] = '1';
    form.append(sure);
    form.requestSubmit(submitter);
    sure.remove();
    delete form.dataset['sure'];
  });
  document.body.append(dialog);
  dialog.showModal();
}

async function swap(form: HTMLFormElement, submitter: HTMLButtonElement | null, id: string): Promise<void> {
  const data = new FormData(form, submitter);
  submitter?.setAttribute('aria-busy', 'true');
  try {
    const plain = new URLSearchParams([...data].map(([name, value]) => [name, String(value)]));
    const answer = await fetch(form.action, { method: 'POST', body: plain, headers: { 'x-vidicon-csrf': '1' } });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.getElementById(id);
    const old = document.getElementById(id);
    if (!fresh || !old) {
      location.assign(answer.url);
      return;
    }
    old.replaceWith(document.importNode(fresh, true));
    find<HTMLElement>('[data-focus]', document.getElementById(id) ?? document)?.focus();
  } catch {
    form.submit();
  } finally {
    submitter?.removeAttribute('aria-busy');
  }
}

/** What was typed stays when a page is left by mistake. */
function keepDrafts(): void {
  for (const field of document.querySelectorAll<HTMLTextAreaElement>('textarea[data-draft]')) {
    const key = `vidicon-draft-${field.dataset['draft']}`;
    field.value ||= sessionStorage.getItem(key) ?? '';
    field.addEventListener('input', () => sessionStorage.setItem(key, field.value));
    field.form?.addEventListener('submit', () => sessionStorage.removeItem(key));
  }
}

document.addEventListener('change', (event) => {
  const field = event.target as HTMLElement;
  if (field.matches('[data-submit]')) (field as HTMLSelectElement).form?.requestSubmit();
});

for (const list of document.querySelectorAll('[data-tabs]')) makeTabs(list);
for (const video of document.querySelectorAll<HTMLProgressElement>('progress[data-watched]')) {
  const kept = Number(remembered(`watched-${video.dataset['watched']}`) ?? 0);
  if (kept > 0) video.value = kept;
}
keepDrafts();

// On a small screen the pages of the machine room stand in a row that scrolls: the one that is open is shown.
find('.side-nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
