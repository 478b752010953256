// The menu behind the settings button: quality, speed, captions and repeating, each a page of its own.
import { bytes, h, icon, remember } from '../dom';
import { t } from '../texts';
import { captionGrounds, captionSizes, type Captions } from './captions';
import type { Engine } from './engine';

export const speeds = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];

/** What somebody chooses holds for the next video too; what an address asks for does not. */
export function setSpeed(video: HTMLVideoElement, rate: number): void {
  video.playbackRate = rate;
  remember('speed', String(rate));
}

export interface MenuTarget {
  video: HTMLVideoElement;
  engine: Engine;
  captions: Captions;
  growing(): boolean;
  loopText(): string;
  setLoop(kind: 'none' | 'all' | 'a' | 'b'): void;
  /** Mirrors the picture, or ends that. */
  flip(on: boolean): void;
}

type Page = 'main' | 'quality' | 'speed' | 'captions' | 'look' | 'loop' | 'peers';

export class Menu {
  readonly element = h('div', { class: 'menu', role: 'menu', hidden: true });
  private page: Page = 'main';

  constructor(
    private readonly target: MenuTarget,
    private readonly opener: HTMLButtonElement,
  ) {
    this.element.id = `menu-${Math.round(performance.now() * 1000).toString(36)}`;
    opener.setAttribute('aria-haspopup', 'menu');
    opener.setAttribute('aria-expanded', 'false');
    opener.setAttribute('aria-controls', this.element.id);
    opener.addEventListener('click', () => (this.element.hidden ? this.open('main') : this.close()));
    this.element.addEventListener('keydown', (event) => this.onKey(event));
    document.addEventListener('pointerdown', (event) => this.outside(event));
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  open(page: Page): void {
    this.page = page;
    this.draw();
    this.element.hidden = false;
    this.opener.setAttribute('aria-expanded', 'true');
    this.items()[0]?.focus({ preventScroll: true });
  }

  close(): void {
    if (this.element.hidden) return;
    this.element.hidden = true;
    this.opener.setAttribute('aria-expanded', 'false');
    this.opener.focus({ preventScroll: true });
  }

  /** Draws the open page again, when qualities have come. */
  refresh(): void {
    if (this.element.hidden) return;
    const index = this.items().indexOf(document.activeElement as HTMLButtonElement);
    this.draw();
    this.items()[Math.max(0, index)]?.focus({ preventScroll: true });
  }

  private outside(event: PointerEvent): void {
    const path = event.composedPath();
    if (this.isOpen && !path.includes(this.element) && !path.includes(this.opener)) {
      this.element.hidden = true;
      this.opener.setAttribute('aria-expanded', 'false');
    }
  }

  private items(): HTMLButtonElement[] {
    return [...this.element.querySelectorAll('button')];
  }

  private onKey(event: KeyboardEvent): void {
    const items = this.items();
    const at = items.indexOf(document.activeElement as HTMLButtonElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    event.stopPropagation();
    if (event.key === 'Escape') this.close();
    else if (event.key === 'ArrowLeft' && this.page !== 'main') this.open('main');
    else if (event.key === 'ArrowRight') (document.activeElement as HTMLElement).click();
    else if (to !== undefined) items[(to + items.length) % items.length]?.focus();
    else return;
    event.preventDefault();
  }

  private draw(): void {
    const pages: Record<Page, () => Node[]> = {
      main: () => this.main(),
      quality: () => this.quality(),
      speed: () => this.speed(),
      captions: () => this.captionList(),
      look: () => this.look(),
      loop: () => this.loop(),
      peers: () => this.peers(),
    };
    this.element.replaceChildren(...pages[this.page]());
    this.element.setAttribute('aria-label', t(`menu-${this.page}`));
  }

  private link(page: Page, value: string): HTMLButtonElement {
    const open = (): void => this.open(page);
    return h('button', { type: 'button', role: 'menuitem', class: 'onward', onclick: open }, h('span', {}, t(`menu-${page}`)), h('span', {}, value));
  }

  private choice(checked: boolean, text: string, note: string, choose: () => void): HTMLButtonElement {
    const act = (): void => {
      choose();
      this.refresh();
    };
    const role = { type: 'button', role: 'menuitemradio', 'aria-checked': String(checked), onclick: act };
    return h('button', role, icon('check'), h('span', {}, text), note ? h('span', {}, note) : null);
  }

  private back(): HTMLButtonElement {
    const open = (): void => this.open(this.page === 'look' ? 'captions' : 'main');
    return h('button', { type: 'button', role: 'menuitem', class: 'back', onclick: open }, h('span', {}, t(`menu-${this.page}`)));
  }

  private main(): Node[] {
    const { engine, video, captions } = this.target;
    const now = engine.playing()?.label ?? '';
    const quality = engine.selected === 'auto' ? t('automatic-now', { now }) : now;
    const caption = captions.available.find((c) => c.lang === captions.chosen)?.label ?? t('off');
    return [
      this.link('quality', quality),
      this.link('speed', video.playbackRate === 1 ? t('normal') : `${video.playbackRate}×`),
      ...(captions.available.length > 0 ? [this.link('captions', caption)] : []),
      this.link('loop', this.target.loopText()),
      ...(video.videoWidth > 0 ? [this.mirror()] : []),
      ...(engine.sharingOffered ? [this.link('peers', t(engine.shares ? 'peers-on' : 'peers-off'))] : []),
    ];
  }

  /** Whoever takes part is seen by the others: that is said before it can be chosen. */
  private peers(): Node[] {
    const { engine } = this.target;
    const set = (on: boolean): (() => void) => () => engine.chooseSharing(on);
    return [this.back(), h('p', {}, t('peers-note')), this.choice(engine.shares, t('peers-on'), '', set(true)), this.choice(!engine.shares, t('peers-off'), '', set(false))];
  }

  /** Dancers and sign language are learned as in a mirror. */
  private mirror(): HTMLButtonElement {
    const on = this.target.video.classList.contains('flipped');
    const act = (): void => {
      this.target.flip(!on);
      this.refresh();
    };
    return h('button', { type: 'button', role: 'menuitemcheckbox', 'aria-checked': String(on), onclick: act }, icon('check'), h('span', {}, t('flip')));
  }

  private quality(): Node[] {
    const { engine } = this.target;
    const now = engine.playing()?.label ?? '';
    const list = engine.qualities().map((q) => {
      const name = q.key === 'original' ? t('original') : q.label || t('sound-only');
      return this.choice(engine.selected === q.key, name, q.size ? bytes(q.size) : '', () => engine.choose(q.key));
    });
    const automatic = this.choice(engine.selected === 'auto', t('automatic'), now ? t('now', { now }) : '', () => engine.choose('auto'));
    const more = this.target.growing() ? [h('p', {}, t('better-soon'))] : [];
    return [this.back(), h('p', {}, t('quality-note')), ...(engine.automatic ? [automatic] : []), ...list, ...more];
  }

  private speed(): Node[] {
    const { video } = this.target;
    return [this.back(), ...speeds.map((rate) => this.choice(video.playbackRate === rate, rate === 1 ? t('normal') : `${rate}×`, '', () => setSpeed(video, rate)))];
  }

  private captionList(): Node[] {
    const { captions } = this.target;
    const list = captions.available.map((c) => this.choice(captions.chosen === c.lang, c.label, '', () => captions.choose(c.lang)));
    return [this.back(), this.choice(captions.chosen === null, t('off'), '', () => captions.choose(null)), ...list, h('hr'), this.link('look', '')];
  }

  private look(): Node[] {
    const { captions } = this.target;
    const now = captions.element.dataset;
    const sizes = captionSizes.map((size) => this.choice(now['size'] === size, t(`caption-${size}`), '', () => captions.style('size', size)));
    const grounds = captionGrounds.map((g) => this.choice(now['ground'] === g, t(`caption-${g}`), '', () => captions.style('ground', g)));
    return [this.back(), ...sizes, h('hr'), ...grounds];
  }

  private loop(): Node[] {
    const set = (kind: 'none' | 'all' | 'a' | 'b'): (() => void) => () => this.target.setLoop(kind);
    const kinds = ['none', 'all', 'a', 'b'] as const;
    const now = this.element.dataset['loop'] ?? 'none';
    return [this.back(), ...kinds.map((kind) => this.choice(now === kind, t(`loop-${kind}`), '', set(kind)))];
  }
}
