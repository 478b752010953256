// The part of the download window where a passage, the sound or the whole is made into a file.
import { clock, find, h, seconds } from './dom';
import type { VidiconPlayer } from './player/element';
import { loadTexts, t } from './texts';

interface Made {
  id: number;
  state: 'waiting' | 'done' | 'failed';
  progress: number;
  error: string | null;
  downloadUrl: string | null;
}

const lengthAtFirst = 5;

export function extracts(form: HTMLFormElement, player: VidiconPlayer | null): void {
  const [path, query] = (form.dataset['address'] ?? '').split('?');
  const kind = find<HTMLSelectElement>('select', form);
  const passage = find<HTMLElement>('[data-passage]', form);
  const start = find<HTMLInputElement>('[name=start]', form);
  const end = find<HTMLInputElement>('[name=end]', form);
  const status = find<HTMLElement>('[role=status]', form);
  const button = find<HTMLButtonElement>('button[type=submit]', form);
  if (!path || !kind || !passage || !start || !end || !status || !button) return;
  const suffix = query ? `?${query}` : '';
  const hasPassage = (): boolean => kind.selectedOptions[0]?.dataset['longest'] !== undefined;
  kind.addEventListener('change', () => (passage.hidden = !hasPassage()));
  form.closest('dialog')?.addEventListener('toggle', () => {
    const at = player?.video ? player.video.currentTime : 0;
    if (!start.value) start.value = clock(at);
    if (!end.value) end.value = clock(at + lengthAtFirst);
  });
  const fail = (why: string): void => {
    button.disabled = false;
    status.replaceChildren(h('p', { class: 'bad' }, t('extract-failed', { why })));
  };
  const show = (made: Made): void => {
    if (made.state === 'failed') fail(made.error ?? '');
    else if (made.state === 'done' && made.downloadUrl) {
      button.disabled = false;
      status.replaceChildren(h('p', {}, t('extract-done')), h('a', { class: 'btn btn-main', href: made.downloadUrl + suffix, download: true }, t('extract-load')));
    } else {
      status.replaceChildren(h('p', {}, t('extract-waits')), h('progress', { max: 100, value: made.progress, 'aria-label': t('extract-waits') }, `${made.progress}%`));
      window.setTimeout(() => void ask(`${path}/${made.id}${suffix}`), 1000);
    }
  };
  const ask = async (address: string, options?: RequestInit): Promise<void> => {
    const answer = await fetch(address, options).catch(() => null);
    if (answer?.ok) show((await answer.json()) as Made);
    else {
      const problem = (await answer?.json().catch(() => null)) as { detail?: string } | null;
      fail(problem?.detail ?? '');
    }
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    button.disabled = true;
    const wanted = hasPassage() ? { type: kind.value, start: seconds(start.value) ?? 0, end: seconds(end.value) ?? 0 } : { type: kind.value };
    const headers = { 'content-type': 'application/json' };
    void loadTexts().then(() => ask(path + suffix, { method: 'POST', headers, body: JSON.stringify(wanted) }));
  });
  form.hidden = false;
}
