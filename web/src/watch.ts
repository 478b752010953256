// The watch page around the player: links into the video, transcript, sharing, and news while it is transcoded.
import './player/element';
import { clock, find, h, icon, s } from './dom';
import { extracts } from './extract';
import type { VidiconPlayer } from './player/element';
import type { PlayerConfig } from './player/config';
import { loadTexts, t } from './texts';
import { readCues } from './vtt';

const player = find<VidiconPlayer>('vidicon-player');

/** A link to a moment of this video moves the player instead of loading the page. */
document.addEventListener('click', (event) => {
  const link = (event.target as Element).closest<HTMLAnchorElement>('a[data-seek]');
  if (!link || !player || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  player.seekTo(Number(link.dataset['seek']));
  void player.play();
  player.scrollIntoView({ block: 'nearest' });
});

/** The current line of chapters and transcript. */
function follow(list: Element | null): void {
  if (!list || !player?.video) return;
  const links = [...list.querySelectorAll<HTMLAnchorElement>('a[data-seek]')];
  const at = player.video.currentTime;
  const now = links.findLast((link) => Number(link.dataset['seek']) <= at + 0.05);
  for (const link of links) {
    if (link === now) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
}

async function openTranscript(panel: HTMLElement): Promise<void> {
  if (panel.dataset['loaded'] || !player) return;
  panel.dataset['loaded'] = 'true';
  await loadTexts();
  const captions = player.config.captions;
  const list = h('ol', { class: 'timed gap-top' });
  const field = find<HTMLInputElement>('input[type=search]', panel);
  const language = find<HTMLSelectElement>('select', panel);
  const load = async (): Promise<void> => {
    const caption = captions.find((c) => c.lang === language?.value) ?? captions[0];
    if (!caption) return;
    const answer = await fetch(caption.url);
    const cues = answer.ok ? readCues(await answer.text()) : [];
    list.replaceChildren(...cues.map((cue) => h('li', {}, h('a', { href: `?start=${Math.floor(cue.start)}`, 'data-seek': cue.start }, h('time', {}, clock(cue.start)), h('span', { dir: 'auto' }, cue.text)))));
    filter();
  };
  const filter = (): void => {
    const wanted = (field?.value ?? '').toLocaleLowerCase();
    for (const line of list.children) (line as HTMLElement).hidden = !(line.textContent ?? '').toLocaleLowerCase().includes(wanted);
  };
  field?.addEventListener('input', filter);
  field?.form?.addEventListener('submit', (event) => event.preventDefault());
  language?.addEventListener('change', () => void load());
  panel.append(list);
  player.video.addEventListener('timeupdate', () => follow(list));
  await load();
}

document.addEventListener('tab-chosen', (event) => {
  const id = (event.target as Element).getAttribute('aria-controls');
  if (id === 'transcript') void openTranscript(document.getElementById(id) as HTMLElement);
});

/** The share dialog: the link with or without a start, the code to embed, and the link as a picture. */
function share(dialog: HTMLDialogElement): void {
  const link = find<HTMLInputElement>('#share-link', dialog);
  const code = find<HTMLTextAreaElement | HTMLInputElement>('#share-embed', dialog);
  const from = find<HTMLInputElement>('#share-from', dialog);
  const start = find<HTMLInputElement>('#share-start', dialog);
  const to = find<HTMLInputElement>('#share-to', dialog);
  const stop = find<HTMLInputElement>('#share-stop', dialog);
  const picture = find<HTMLElement>('.qr-place', dialog);
  const base = link?.value ?? '';
  const embed = code?.value ?? '';
  const draw = async (): Promise<void> => {
    const times = new URLSearchParams();
    if (from?.checked && start?.value) times.set('start', start.value);
    if (to?.checked && stop?.value) times.set('stop', stop.value);
    const query = times.toString().replaceAll('%3A', ':');
    const suffix = query ? `?${query}` : '';
    if (link) link.value = base + suffix;
    if (code) code.value = embed.replace(/(src="[^"?]*)(\?[^"]*)?"/, `$1${suffix}"`);
    if (!picture) return;
    const { encode } = await import('uqr');
    const { data, size } = encode(base + suffix, { border: 1 });
    const path = data.map((row, y) => row.map((on, x) => (on ? `M${x} ${y}h1v1h-1z` : '')).join('')).join('');
    picture.replaceChildren(s('svg', { class: 'qr', viewBox: `0 0 ${size} ${size}`, role: 'img', 'aria-label': picture.dataset['label'] ?? 'QR' }, s('path', { d: path, fill: 'currentColor' })));
  };
  new MutationObserver(() => {
    if (!dialog.open) return;
    if (start && player?.video) start.value = clock(player.video.currentTime);
    if (stop && player && !to?.checked) stop.value = clock(player.config.duration);
    void draw();
  }).observe(dialog, { attributeFilter: ['open'] });
  for (const box of [from, to]) box?.addEventListener('change', () => void draw());
  for (const field of [start, stop]) field?.addEventListener('input', () => void draw());
}

interface News {
  done: boolean;
  player: Partial<PlayerConfig>;
  html: string;
}

/** Asks every few seconds how far the qualities are; the player's menu grows meanwhile. */
function awaitQualities(notice: HTMLElement): void {
  const address = notice.dataset['news'];
  if (!address) return;
  const ask = async (): Promise<void> => {
    const answer = await fetch(address).catch(() => null);
    if (answer?.ok) {
      const news = (await answer.json()) as News;
      const fresh = new DOMParser().parseFromString(news.html, 'text/html').body.firstElementChild;
      if (fresh) notice.replaceChildren(...document.importNode(fresh, true).childNodes);
      if (player?.video) await player.grow(news.player);
      else if (news.player.hls) location.reload();
      if (news.done) {
        notice.remove();
        return;
      }
    }
    window.setTimeout(() => void ask(), document.hidden ? 15000 : 3000);
  };
  window.setTimeout(() => void ask(), 2000);
}

/** At the end of a playlist's video the next one follows, after some seconds in which one can say no. */
function goOn(): void {
  const next = player?.config.next;
  if (!player || !next) return;
  const offer = (): void => {
    let left = 6;
    const text = h('span');
    const stop = h('button', { class: 'btn', type: 'button', onclick: () => end() }, t('stay'));
    const notice = h('div', { class: 'notice below-stage', role: 'status' }, icon('next'), h('div', {}, h('strong', {}, next.title), text), stop);
    const end = (): void => {
      window.clearInterval(timer);
      notice.remove();
    };
    const tick = (): void => {
      text.textContent = t('next-in', { seconds: left });
      left -= 1;
      if (left < 0) location.assign(next.url);
    };
    const timer = window.setInterval(tick, 1000);
    tick();
    player?.closest('.stage')?.after(h('div', { class: 'page' }, notice));
    player?.video.addEventListener('play', end, { once: true });
  };
  player.video.addEventListener('ended', offer);
  // Where only a part of the video is in the list.
  player.addEventListener('stopped', offer);
}

function onReady(): void {
  const chapters = find('.near .timed');
  player?.video.addEventListener('timeupdate', () => follow(chapters));
  goOn();
}

const dialog = find<HTMLDialogElement>('dialog#share');
if (dialog) share(dialog);
const extract = find<HTMLFormElement>('form.extract');
if (extract) extracts(extract, player);
const notice = find<HTMLElement>('[data-news]');
if (notice) awaitQualities(notice);
const transcript = find<HTMLElement>('#transcript:not([hidden])');
if (player?.dataset['ready'] !== undefined) onReady();
else player?.addEventListener('player-ready', onReady, { once: true });
if (transcript) player?.addEventListener('player-ready', () => void openTranscript(transcript), { once: true });
