// <vidicon-player>: our controls around a plain <video>. Without script the video has the browser's own.
import { clock, find, h, icon, remember, remembered, seconds, setIcon } from '../dom';
import { loadTexts, t } from '../texts';
import { Captions } from './captions';
import { type PlayerConfig, readConfig } from './config';
import { Engine, type FaultKind } from './engine';
import { onPlayerKey } from './keys';
import { Loop } from './loop';
import { Menu, speeds } from './menu';
import { chapterAt, Timeline } from './timeline';
import { placeOf, Watching } from './views';

const stillMaking = 2;

export class VidiconPlayer extends HTMLElement {
  config!: PlayerConfig;
  video!: HTMLVideoElement;
  engine!: Engine;
  captions!: Captions;
  private timeline!: Timeline;
  private menu!: Menu;
  private loop!: Loop;
  private screen!: HTMLElement;
  private readonly message = h('div', { class: 'message', role: 'alert', hidden: true });
  private readonly toast = h('div', { class: 'say', role: 'status' });
  private buttons!: Record<'play' | 'mute' | 'captions' | 'settings' | 'pip' | 'wide' | 'full' | 'next' | 'cast', HTMLButtonElement>;
  private readonly clockText = h('span', { class: 'clock' });
  private readonly chapterText = h('span', { class: 'chapter-now wide-only' });
  private readonly volume = h('input', { type: 'range', class: 'volume wide-only', min: 0, max: 1, step: 0.05 });
  private started: Promise<void> | null = null;
  private startAt = 0;
  private stopAt: number | null = null;
  private idle = 0;

  connectedCallback(): void {
    if (this.video) return;
    const video = find<HTMLVideoElement>('video', this);
    if (!video) return;
    this.video = video;
    this.config = readConfig(this);
    void loadTexts().then(() => this.upgrade());
  }

  private upgrade(): void {
    const { video, config } = this;
    this.screen = video.parentElement ?? this;
    this.readTimes();
    this.engine = new Engine(video, config, {
      qualities: () => this.onQualities(),
      changed: () => this.onQualities(),
      fault: (kind, detail) => this.fault(kind, detail),
      recovered: () => (this.message.hidden = true),
      shared: ({ from, to }) => {
        this.dataset['fromPeers'] = String(from);
        this.dataset['toPeers'] = String(to);
      },
    });
    this.captions = new Captions(video, config.captions, () => this.drawButtons());
    this.timeline = new Timeline(config, (to) => this.seekTo(to));
    this.loop = new Loop(video, (from, to) => this.timeline.showLoop(from, to));
    this.buildControls();
    this.listen();
    new Watching(video, config, !this.isKept);
    video.controls = false;
    video.volume = Number(remembered('volume') ?? 1);
    this.keepSpeed();
    this.dataset['ready'] = '';
    this.classList.toggle('sound-only', config.audioOnly);
    this.draw();
    this.warmUp();
    this.dispatchEvent(new CustomEvent('player-ready', { bubbles: true }));
  }

  /** The speed that this browser last chose holds for the next video too. */
  private keepSpeed(): void {
    const { video } = this;
    const kept = Number(remembered('speed'));
    if (speeds.includes(kept)) video.playbackRate = video.defaultPlaybackRate = kept;
    video.addEventListener('ratechange', () => {
      // A new source begins with the default.
      video.defaultPlaybackRate = video.playbackRate;
    });
  }

  /** Does the server remember where this viewer is? */
  private get isKept(): boolean {
    return this.dataset['kept'] !== undefined;
  }

  /** `?start=` and `?stop=` of the address, else where this viewer stopped. */
  private readTimes(): void {
    const query = new URLSearchParams(location.search);
    this.startAt = seconds(query.get('start') ?? query.get('t')) ?? (this.isKept ? Math.max(0, this.config.resume) : placeOf(this.config.id));
    this.stopAt = seconds(query.get('stop'));
  }

  /** The engine is fetched when the page is quiet, or at the first sign that somebody will press play. */
  private warmUp(): void {
    const wanted = this.video.autoplay || this.dataset['autoplay'] !== undefined;
    if (wanted) {
      void this.play();
      return;
    }
    this.addEventListener('pointerenter', () => void this.begin(), { once: true });
    this.addEventListener('focusin', () => void this.begin(), { once: true });
    if (this.dataset['lazy'] !== undefined) return;
    const soon = (): void => void this.begin();
    if (typeof requestIdleCallback === 'function') requestIdleCallback(soon, { timeout: 2000 });
    else window.setTimeout(soon, 800);
  }

  begin(): Promise<void> {
    this.started ??= this.engine.start(this.startAt);
    return this.started;
  }

  /** A sensitive video plays only once somebody has said that it may. */
  private get cover(): HTMLElement | null {
    return this.querySelector<HTMLElement>('[data-cover]');
  }

  private uncover(event: Event): void {
    event.preventDefault();
    this.cover?.remove();
    void this.play();
  }

  async play(): Promise<void> {
    if (this.cover) return;
    this.message.hidden = true;
    await this.begin();
    await this.video.play().catch((cause: unknown) => {
      // A browser that wants a gesture first is no fault; play without sound, or wait for the button.
      if (cause instanceof DOMException && cause.name === 'NotAllowedError' && this.video.autoplay) {
        this.video.muted = true;
        return this.video.play().catch(() => undefined);
      }
      return undefined;
    });
  }

  toggle(): void {
    if (this.video.paused) void this.play();
    else this.video.pause();
  }

  seekTo(to: number): void {
    const end = Number.isFinite(this.video.duration) ? this.video.duration : this.config.duration;
    const at = Math.min(Math.max(0, to), Math.max(0, end - 0.01));
    if (this.video.readyState > 0) this.video.currentTime = at;
    else {
      this.startAt = at;
      if (this.started) this.video.addEventListener('loadedmetadata', () => (this.video.currentTime = at), { once: true });
      void this.begin();
    }
    this.draw();
  }

  seekBy(by: number): void {
    this.seekTo(this.video.currentTime + by);
    this.say(clock(this.video.currentTime));
  }

  fps(): number {
    const rate = this.engine.playing()?.fps ?? 0;
    return rate > 0 ? rate : 30;
  }

  louder(by: number): void {
    this.video.muted = false;
    this.video.volume = Math.min(1, Math.max(0, Math.round((this.video.volume + by) * 100) / 100));
    this.say(t('volume-at', { percent: Math.round(this.video.volume * 100) }));
  }

  mute(): void {
    this.video.muted = !this.video.muted;
    this.say(t(this.video.muted ? 'muted' : 'unmuted'));
  }

  fullscreen(): void {
    const video = this.video as HTMLVideoElement & { webkitEnterFullscreen?: () => void };
    if (document.fullscreenElement) void document.exitFullscreen();
    else if (this.requestFullscreen) void this.requestFullscreen().catch(() => video.webkitEnterFullscreen?.());
    else video.webkitEnterFullscreen?.();
  }

  theatre(): void {
    const stage = this.closest('.stage');
    if (!stage) return;
    const on = stage.classList.toggle('theatre');
    remember('theatre', on ? 'on' : null);
  }

  loopPoint(): void {
    this.say(t(`loop-${this.loop.next()}-said`));
    this.menu.element.dataset['loop'] = this.loop.kind;
  }

  toggleCaptions(): void {
    if (this.config.captions.length === 0) this.say(t('no-captions'));
    else this.captions.toggle();
  }

  chapter(step: 1 | -1): void {
    const { chapters } = this.config;
    const now = chapters.findIndex((c) => c === chapterAt(chapters, this.video.currentTime));
    const to = chapters[Math.max(0, now + step)];
    if (!to) return;
    this.seekTo(to.start);
    this.say(to.title);
  }

  say(text: string): void {
    this.toast.textContent = text;
    this.toast.classList.remove('fading');
    void this.toast.offsetWidth;
    this.toast.classList.add('fading');
  }

  private buildControls(): void {
    const button = (name: string, label: string, act: () => void, more = ''): HTMLButtonElement =>
      h('button', { class: `btn btn-icon ${more}`, type: 'button', 'aria-label': label, title: label, onclick: act }, icon(name));
    const settings = h('button', { class: 'btn', type: 'button', 'aria-label': t('settings') }, icon('settings'), h('span', { class: 'wide-only' }));
    this.buttons = {
      play: button('play', t('play'), () => this.toggle()),
      next: button('next', t('next-chapter'), () => this.chapter(1), 'wide-only'),
      mute: button('volume', t('mute'), () => (this.video.muted = !this.video.muted)),
      captions: button('captions', t('captions'), () => this.toggleCaptions(), 'push'),
      settings,
      pip: button('pip', t('pip'), () => void this.pictureInPicture(), 'wide-only'),
      cast: button('cast', t('cast'), () => void this.cast(), 'wide-only'),
      wide: button('wide', t('theatre'), () => this.theatre(), 'wide-only'),
      full: button('full', t('fullscreen'), () => this.fullscreen()),
    };
    this.volume.setAttribute('aria-label', t('volume'));
    this.volume.addEventListener('input', () => this.onVolumeInput());
    this.menu = new Menu(this.menuTarget(), settings);
    const { play, next, mute, captions, pip, cast, wide, full } = this.buttons;
    wide.hidden = document.body.classList.contains('embed');
    next.hidden = this.config.chapters.length === 0;
    captions.classList.toggle('off', this.config.captions.length === 0);
    pip.hidden = !document.pictureInPictureEnabled || this.config.audioOnly;
    const controls = h('div', { class: 'controls' }, play, next, mute, this.volume, this.clockText, this.chapterText, captions, settings, pip, cast, wide, full);
    this.offerCast(cast);
    const over = h('div', { class: 'under' }, this.timeline.element, controls);
    this.screen.append(this.captions.element, this.toast, this.message);
    this.append(over, this.menu.element);
    this.querySelector('.big-play')?.addEventListener('click', () => void this.play());
  }

  private menuTarget(): ConstructorParameters<typeof Menu>[0] {
    return {
      video: this.video,
      engine: this.engine,
      captions: this.captions,
      growing: () => this.config.state === stillMaking,
      loopText: () => t(`loop-${this.loop.kind}`),
      setLoop: (kind) => {
        this.loop.set(kind);
        this.menu.element.dataset['loop'] = this.loop.kind;
      },
      flip: (on) => {
        this.video.classList.toggle('flipped', on);
        this.say(t(on ? 'flip-on-said' : 'flip-off-said'));
      },
    };
  }

  private onVolumeInput(): void {
    this.video.muted = false;
    this.video.volume = Number(this.volume.value);
  }

  private async pictureInPicture(): Promise<void> {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else await this.video.requestPictureInPicture().catch(() => this.say(t('pip-refused')));
  }

  /** Only where the browser has found a screen that can play this: AirPlay, Chromecast. */
  private offerCast(button: HTMLButtonElement): void {
    button.hidden = true;
    const shown = (available: boolean): void => {
      button.hidden = !available;
    };
    if ('remote' in this.video) void this.video.remote.watchAvailability(shown).catch(() => shown(false));
  }

  private async cast(): Promise<void> {
    await this.video.remote.prompt().catch((cause: unknown) => {
      const isNone = cause instanceof DOMException && cause.name === 'NotFoundError';
      if (isNone) this.say(t('cast-none'));
    });
  }

  private listen(): void {
    const { video } = this;
    const draw = (): void => this.draw();
    for (const name of ['play', 'pause', 'timeupdate', 'progress', 'seeked', 'durationchange', 'loadedmetadata', 'volumechange', 'ratechange', 'ended']) {
      video.addEventListener(name, draw);
    }
    video.addEventListener('timeupdate', () => this.stopInTime());
    video.addEventListener('volumechange', () => remember('volume', String(video.volume)));
    video.addEventListener('waiting', () => this.toggleAttribute('data-waiting', true));
    for (const name of ['playing', 'canplay', 'seeked', 'pause']) video.addEventListener(name, () => this.toggleAttribute('data-waiting', false));
    video.addEventListener('playing', () => this.toggleAttribute('data-played', true));
    video.addEventListener('error', () => this.onVideoError());
    this.cover?.querySelector('[data-uncover]')?.addEventListener('click', (event) => this.uncover(event));
    this.screen.addEventListener('click', (event) => this.onPictureClick(event));
    this.screen.addEventListener('dblclick', () => this.fullscreen());
    this.addEventListener('pointermove', () => this.stir());
    this.addEventListener('focusin', () => this.stir());
    document.addEventListener('keydown', (event) => this.onKey(event));
    if (remembered('theatre') === 'on') this.closest('.stage')?.classList.add('theatre');
  }

  private onPictureClick(event: Event): void {
    if ((event.target as Element).closest('a, button, .message, .cover')) return;
    this.toggle();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || this.menu.isOpen) return;
    const at = event.target as HTMLElement;
    const inside = this.contains(at);
    if (!inside && at !== document.body && at.closest('input, textarea, select, button, a, [role=tab], dialog, summary, [contenteditable]')) return;
    if (inside && (event.key === ' ' || event.key === 'Enter') && at.closest('button, a')) return;
    if (at === this.volume && event.key.startsWith('Arrow')) return;
    const target = { ...this.keyTarget(), video: this.video };
    if (onPlayerKey(event, target)) event.preventDefault();
  }

  private keyTarget(): Omit<Parameters<typeof onPlayerKey>[1], 'video'> {
    return {
      fps: () => this.fps(),
      toggle: () => this.toggle(),
      seekBy: (by) => this.seekBy(by),
      seekTo: (to) => this.seekTo(to),
      louder: (by) => this.louder(by),
      mute: () => this.mute(),
      fullscreen: () => this.fullscreen(),
      theatre: () => this.theatre(),
      captions: () => this.toggleCaptions(),
      loopPoint: () => this.loopPoint(),
      chapter: (step) => this.chapter(step),
      say: (text) => this.say(text),
    };
  }

  /** Over the picture (fullscreen, embed) the controls go when nobody moves. */
  private stir(): void {
    this.toggleAttribute('data-idle', false);
    window.clearTimeout(this.idle);
    this.idle = window.setTimeout(() => {
      if (!this.video.paused && !this.menu.isOpen) this.toggleAttribute('data-idle', true);
    }, 2500);
  }

  private stopInTime(): void {
    if (this.stopAt === null || this.video.currentTime < this.stopAt) return;
    this.video.pause();
    this.stopAt = null;
    this.dispatchEvent(new CustomEvent('stopped'));
  }

  private onQualities(): void {
    this.menu.refresh();
    this.drawButtons();
    this.dispatchEvent(new CustomEvent('qualities'));
  }

  private onVideoError(): void {
    const code = this.video.error?.code;
    if (!this.started || !code || !this.engine.plain) return;
    this.fault(code === 2 ? 'network' : code === 4 ? 'unsupported' : 'decode', this.video.error?.message ?? '');
  }

  /** Says in words what is wrong, and offers to try again where that can help. */
  private fault(kind: FaultKind, detail: string): void {
    const again = (): void => {
      this.message.hidden = true;
      this.engine.retry();
    };
    const retry = h('button', { class: 'btn', type: 'button', onclick: again }, icon('retry'), t('try-again'));
    const awaited = this.config.restoring ? 'restoring' : this.config.state === stillMaking && this.config.hls === null ? 'not-yet' : kind;
    const words = kind === 'gone' ? awaited : kind;
    const raw = detail ? h('details', {}, h('summary', {}, t('what-it-said')), h('code', {}, detail)) : null;
    this.message.replaceChildren(h('strong', {}, t(`fault-${words}`)), h('p', {}, t(`fault-${words}-why`)), words === 'restoring' ? this.progress() : '', kind === 'unsupported' ? '' : retry, raw ?? '');
    this.message.hidden = false;
    this.dispatchEvent(new CustomEvent('fault', { detail: kind }));
  }

  private progress(): HTMLElement {
    const { percent } = this.config;
    const bar = h('progress', { max: '100', 'aria-label': t('fault-restoring') }, percent === null ? '' : `${percent}%`);
    if (percent !== null) bar.setAttribute('value', String(percent));
    return bar;
  }

  /** Takes a newer state of the video: more qualities, or all of them. */
  async grow(config: Partial<PlayerConfig>): Promise<void> {
    const lacked = this.config.hls === null;
    this.config = { ...this.config, ...config };
    this.timeline.setDuration(this.config.duration);
    this.message.querySelector('progress')?.replaceWith(this.progress());
    await this.engine.reload(this.config);
    // Somebody stands before the message that it is not there yet.
    if (lacked && this.config.hls !== null && !this.message.hidden) {
      this.message.hidden = true;
      this.engine.retry();
    }
    this.onQualities();
  }

  private draw(): void {
    const { video } = this;
    const duration = Number.isFinite(video.duration) && video.duration > 0 ? Math.max(video.duration, this.config.duration) : this.config.duration;
    const at = video.readyState > 0 ? video.currentTime : this.startAt;
    this.timeline.setDuration(duration);
    this.timeline.update(video);
    this.clockText.replaceChildren(clock(at), ' ', h('span', { class: 'quiet' }, this.config.live ? t('live') : `/ ${clock(duration)}`));
    this.chapterText.textContent = chapterAt(this.config.chapters, at)?.title ?? '';
    this.drawButtons();
  }

  private drawButtons(): void {
    const { video, buttons } = this;
    if (!buttons) return;
    label(buttons.play, video.paused ? 'play' : 'pause', t(video.paused ? 'play' : 'pause'));
    const silent = video.muted || video.volume === 0;
    label(buttons.mute, silent ? 'muted' : 'volume', t(silent ? 'unmute' : 'mute'));
    this.volume.value = String(silent ? 0 : video.volume);
    buttons.captions.setAttribute('aria-pressed', String(this.captions.chosen !== null));
    const now = this.engine.playing()?.label ?? '';
    const word = buttons.settings.querySelector('span');
    const shown = this.config.state === stillMaking && now ? t('now-better-soon', { now }) : now;
    if (!word || word.textContent === shown) return;
    word.textContent = shown;
    // What is read out holds what is seen, so that one can say it.
    buttons.settings.setAttribute('aria-label', shown ? `${t('settings')}: ${shown}` : t('settings'));
  }

  disconnectedCallback(): void {
    this.engine?.stop();
  }
}

function label(button: HTMLElement, name: string, text: string): void {
  if (button.getAttribute('aria-label') === text) return;
  setIcon(button, name);
  button.setAttribute('aria-label', text);
  button.title = text;
}

customElements.define('vidicon-player', VidiconPlayer);
