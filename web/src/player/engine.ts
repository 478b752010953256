// Plays the streams: hls.js where the browser has Media Source Extensions, the browser's own HLS where it
// has not, and plain files. The rest of the player does not know which.
import type Hls from 'hls.js';
import { remember, remembered } from '../dom';
import type { PlayerConfig } from './config';
import type { Sharing, Traffic } from './peers';

export interface Quality {
  /** `auto`, `level:<index>`, `file:<id>` or `original`. */
  key: string;
  height: number;
  fps: number;
  label: string;
  size: number | null;
}

export type FaultKind = 'network' | 'gone' | 'forbidden' | 'decode' | 'unsupported';

export interface EngineEvents {
  qualities(): void;
  changed(): void;
  fault(kind: FaultKind, detail: string): void;
  /** It goes on after a fault. */
  recovered(): void;
  /** Parts came from other viewers, or went to them. */
  shared(traffic: Traffic): void;
}

/** How long a picture that stands still for want of bytes waits before it is said why. */
const patience = { refused: 2_000, unreached: 8_000 };

type HlsClass = typeof Hls;

const hasMediaSource = (): boolean => 'MediaSource' in window || 'ManagedMediaSource' in window;

export class Engine {
  private hls: Hls | null = null;
  private sharing: Sharing | null = null;
  private chosen = 'auto';
  private recoveries = 0;
  private begun = false;
  private mode: 'hls' | 'native' | 'file' | 'none' = 'none';
  private stopped = false;
  /** Why the engine, which goes on trying by itself, lacks bytes. */
  private trouble: { kind: FaultKind; detail: string } | null = null;
  private told = false;
  /** The engine's own code did not come; a browser does not ask for it twice on one page. */
  private engineless = false;
  /** The rungs of the last stream, kept while a plain file plays, so that one can change back. */
  private rungs: Quality[] = [];

  constructor(
    private readonly video: HTMLVideoElement,
    private config: PlayerConfig,
    private readonly events: EngineEvents,
  ) {}

  /** Begins to load at `startAt` seconds. */
  async start(startAt: number): Promise<void> {
    if (this.config.hls && hasMediaSource()) await this.startHls(this.config.hls, startAt);
    else if (this.config.hls && this.video.canPlayType('application/vnd.apple.mpegurl')) this.useUrl(this.config.hls, startAt, 'native');
    else this.startFile(startAt);
  }

  private startFile(startAt: number): void {
    const file = this.config.files.find((f) => f.height <= 720) ?? this.config.files[0] ?? this.config.original;
    if (!file) {
      this.events.fault('gone', 'no file');
      return;
    }
    this.chosen = file === this.config.original ? 'original' : `file:${file.id}`;
    this.useUrl(file.url, startAt, 'file');
    this.events.qualities();
  }

  private useUrl(url: string, startAt: number, mode: 'native' | 'file'): void {
    this.mode = mode;
    this.drop();
    for (const source of this.video.querySelectorAll('source')) source.remove();
    this.video.src = url;
    this.video.load();
    if (startAt > 0) this.video.addEventListener('loadedmetadata', () => (this.video.currentTime = startAt), { once: true });
  }

  private async startHls(url: string, startAt: number): Promise<void> {
    const loaded = await import('./hls').catch(() => null);
    if (this.stopped) return;
    if (!loaded) {
      this.engineless = true;
      this.events.fault('network', 'player');
      return;
    }
    const HlsPlayer = (loaded as { default: HlsClass }).default;
    if (!HlsPlayer.isSupported()) {
      this.startFile(startAt);
      return;
    }
    const sharing = await this.share();
    if (this.stopped) return;
    this.mode = 'hls';
    this.drop();
    this.sharing = sharing;
    for (const source of this.video.querySelectorAll('source')) source.remove();
    this.video.removeAttribute('src');
    const password = this.config.password;
    const hls = new HlsPlayer({
      enableWorker: false,
      startPosition: this.config.live ? -1 : startAt,
      // hls.js sets one limit only: by the size of the player, or by the site's wish.
      capLevelToPlayerSize: this.config.sparing === null,
      maxBufferLength: 30,
      backBufferLength: 90,
      abrEwmaDefaultEstimate: Number(remembered('bandwidth')) || guessedBandwidth(),
      // The first fragment is shown, not thrown away as a measure of the line.
      testBandwidth: false,
      startFragPrefetch: true,
      xhrSetup: (xhr) => {
        if (password) xhr.setRequestHeader('x-peertube-video-password', password);
      },
      ...sharing?.loaders(),
    });
    this.hls = hls;
    sharing?.bind(hls);
    this.listen(HlsPlayer, hls);
    hls.loadSource(url);
    hls.attachMedia(this.video);
  }

  /** Whether this viewer shares with others: as chosen in this browser, else as the site or the account has it. */
  get shares(): boolean {
    const { peers } = this.config;
    // A page that embeds the player can keep its visitors out of it, not bring them in.
    if (!peers || !canShare() || new URLSearchParams(location.search).get('p2p') === '0') return false;
    const chosen = remembered('peers');
    return chosen ? chosen === 'on' : peers.on;
  }

  /** Whether one can choose it at all. */
  get sharingOffered(): boolean {
    return this.config.peers !== null && this.mode === 'hls' && canShare();
  }

  /** Takes part from now on, or no longer. */
  chooseSharing(on: boolean): void {
    remember('peers', on ? 'on' : 'off');
    const { currentTime, paused } = this.video;
    const chosen = this.chosen;
    void this.start(currentTime).then(() => this.chooseWhenParsed(chosen));
    if (!paused) void this.video.play().catch(() => undefined);
  }

  private async share(): Promise<Sharing | null> {
    const { peers } = this.config;
    if (!peers || !this.shares) return null;
    const loaded = await import('./peers').catch(() => null);
    return loaded ? new loaded.Sharing(peers, (traffic) => this.events.shared(traffic)) : null;
  }

  private listen(HlsPlayer: HlsClass, hls: Hls): void {
    hls.on(HlsPlayer.Events.MANIFEST_PARSED, () => {
      this.recoveries = 0;
      chooseCodec(hls);
      this.spare(hls);
      if (!this.begun) hls.startLevel = this.config.sparing === null ? firstLevel(hls) : Math.min(firstLevel(hls), hls.autoLevelCapping);
      this.begun = true;
      this.events.qualities();
    });
    hls.on(HlsPlayer.Events.LEVEL_SWITCHED, () => {
      if (hls.bandwidthEstimate > 0) remember('bandwidth', String(Math.round(hls.bandwidthEstimate)));
      this.events.changed();
    });
    hls.on(HlsPlayer.Events.FRAG_BUFFERED, () => {
      this.trouble = null;
      if (this.told) this.events.recovered();
      this.told = false;
    });
    hls.on(HlsPlayer.Events.ERROR, (_event, data) => {
      const status = data.response?.code ?? 0;
      if (!data.fatal) {
        if (data.type === HlsPlayer.ErrorTypes.NETWORK_ERROR) this.lacks(faultOf(status), `${data.details} ${status || ''}`.trim());
        return;
      }
      if (data.type === HlsPlayer.ErrorTypes.MEDIA_ERROR && this.recoveries < 2) {
        this.recoveries += 1;
        hls.recoverMediaError();
        return;
      }
      if (data.type === HlsPlayer.ErrorTypes.NETWORK_ERROR) {
        const detail = `${data.details} ${status || ''}`.trim();
        this.tell(status === 0 && this.trouble ? this.trouble.kind : faultOf(status), detail);
        return;
      }
      this.events.fault(data.details.includes('Codec') ? 'unsupported' : 'decode', data.details);
    });
  }

  /** Bytes did not come. Where the picture stands still for it, that is said, once. */
  private lacks(kind: FaultKind, detail: string): void {
    if (this.trouble) {
      // A refusal says more than a silence after it.
      if (kind !== 'network') this.trouble = { kind, detail };
      return;
    }
    this.trouble = { kind, detail };
    const look = (): void => {
      if (this.stopped || !this.trouble || this.told) return;
      const stands = !this.video.paused && this.video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
      if (stands) this.tell(this.trouble.kind, this.trouble.detail);
      else window.setTimeout(look, patience.refused);
    };
    window.setTimeout(look, kind === 'network' ? patience.unreached : patience.refused);
  }

  private tell(kind: FaultKind, detail: string): void {
    this.told = true;
    this.events.fault(kind, detail);
  }

  /** By itself the player stays below the height that the site can afford; a viewer may choose more. */
  private spare(hls: Hls): void {
    const most = this.config.sparing;
    if (most === null) return;
    const fitting = hls.levels.flatMap((level, index) => (Math.min(level.width || level.height, level.height) <= most ? [index] : []));
    hls.autoLevelCapping = fitting.at(-1) ?? 0;
  }

  /** Tries again where it stopped. */
  retry(): void {
    const at = this.video.currentTime;
    this.recoveries = 0;
    this.trouble = null;
    this.told = false;
    if (this.engineless) {
      location.reload();
      return;
    }
    if (this.hls && this.mode === 'hls' && this.hls.levels.length > 0) this.hls.startLoad(at);
    else void this.start(at);
  }

  /** Reads the master again, so that qualities made meanwhile can be chosen; the picture goes on where it was. */
  async reload(config: PlayerConfig): Promise<void> {
    const gained = config.hls !== this.config.hls || config.rungs.length > this.config.rungs.length;
    const had = this.mode;
    this.config = config;
    if (!gained) return;
    const { currentTime, paused } = this.video;
    if (had !== 'none' || this.video.currentSrc) await this.start(currentTime);
    if (!paused) void this.video.play().catch(() => undefined);
  }

  qualities(): Quality[] {
    const list: Quality[] = [];
    if (this.hls && this.hls.levels.length > 0) {
      this.rungs = this.hls.levels.map((level, index) => {
        return this.quality(`level:${index}`, level.height, Number(level.attrs['FRAME-RATE'] ?? 0), level.averageBitrate || level.bitrate);
      });
    }
    list.push(...this.rungs);
    if (list.length === 0 && this.mode === 'file') {
      for (const file of this.config.files) list.push({ key: `file:${file.id}`, height: file.height, fps: 0, label: file.label, size: file.size });
    }
    list.sort((a, b) => b.height - a.height || b.fps - a.fps);
    const original = this.config.original;
    if (original) list.unshift({ key: 'original', height: original.height, fps: 0, label: original.label, size: original.size });
    return list;
  }

  private quality(key: string, height: number, fps: number, bitrate: number): Quality {
    const known = this.config.rungs.find((rung) => rung.height === height);
    const label = known?.label ?? (height > 0 ? `${height}p${fps > 31 ? Math.round(fps) : ''}` : '');
    const size = known && known.size > 0 ? known.size : Math.round((bitrate / 8) * this.config.duration);
    return { key, height, fps, label, size: this.config.live ? null : size };
  }

  get automatic(): boolean {
    return this.config.hls !== null && hasMediaSource();
  }

  /** Whether the element itself reports faults, because no engine stands before it. */
  get plain(): boolean {
    return this.mode !== 'hls';
  }

  get selected(): string {
    return this.chosen;
  }

  /** What is on the screen now. */
  playing(): Quality | null {
    const all = this.qualities();
    if (this.mode !== 'hls') return all.find((q) => q.key === this.chosen) ?? null;
    const level = this.hls?.currentLevel ?? -1;
    return all.find((q) => q.key === `level:${level}`) ?? null;
  }

  choose(key: string): void {
    const { currentTime, paused } = this.video;
    const wasHls = this.mode === 'hls';
    this.chosen = key;
    if (key === 'original' && this.config.original) this.useUrl(this.config.original.url, currentTime, 'file');
    else if (key.startsWith('file:')) {
      const file = this.config.files.find((f) => `file:${f.id}` === key);
      if (file) this.useUrl(file.url, currentTime, 'file');
    } else if (wasHls && this.hls) {
      this.hls.nextLevel = key === 'auto' ? -1 : Number(key.slice(6));
    } else {
      void this.start(currentTime).then(() => this.chooseWhenParsed(key));
    }
    if (!paused) void this.video.play().catch(() => undefined);
    this.events.changed();
  }

  private chooseWhenParsed(key: string): void {
    if (key === 'auto' || !this.hls) return;
    const index = Number(key.slice(6));
    const hls = this.hls;
    this.video.addEventListener('loadedmetadata', () => (hls.nextLevel = index), { once: true });
  }

  private drop(): void {
    this.hls?.destroy();
    this.hls = null;
    this.sharing?.stop();
    this.sharing = null;
  }

  stop(): void {
    this.stopped = true;
    this.drop();
  }
}

/** Other viewers need WebRTC, and what they send is checked, which browsers do on safe pages only. */
function canShare(): boolean {
  return 'RTCPeerConnection' in window && window.isSecureContext;
}

function faultOf(status: number): FaultKind {
  if (status === 404 || status === 410) return 'gone';
  return status === 401 || status === 403 ? 'forbidden' : 'network';
}

/**
 * One codec for a session, since the engine only changes by itself within one: AV1 where the browser shows it (the
 * engine has left out what it does not) and where it reaches down to what a weak line bears, else H.264. Sizes that
 * are there in the other codec only stay to be chosen.
 */
function chooseCodec(hls: Hls): void {
  const isAv1 = (index: number): boolean => hls.levels[index]?.videoCodec?.startsWith('av01') ?? false;
  const heights = (wanted: boolean): number[] => hls.levels.flatMap((level, index) => (isAv1(index) === wanted ? [level.height] : []));
  const [av1, others] = [heights(true), heights(false)];
  if (av1.length === 0 || others.length === 0) return;
  const takesAv1 = Math.min(...av1) <= Math.max(360, Math.min(...others));
  const kept = new Set(takesAv1 ? av1 : others);
  for (let index = hls.levels.length - 1; index >= 0; index -= 1) {
    if (isAv1(index) !== takesAv1 && kept.has(hls.levels[index]?.height ?? 0)) hls.removeLevel(index);
  }
}

/**
 * The rung whose first fragment is there soonest without looking poor: well below what the line bears, since
 * playlists and sound want their part of it. The next fragments are better at once where they can be.
 */
function firstLevel(hls: Hls): number {
  const room = hls.bandwidthEstimate * 0.3;
  const codec = hls.levels.find((level) => level.videoCodec?.startsWith('av01'))?.codecSet;
  let best = codec ? Math.max(0, hls.levels.findIndex((level) => level.codecSet === codec)) : 0;
  hls.levels.forEach((level, index) => {
    if (codec && level.codecSet !== codec) return;
    if (level.bitrate <= room && level.bitrate >= (hls.levels[best]?.bitrate ?? 0)) best = index;
  });
  return best;
}

/** Bits per second to begin with: what the browser knows of the line, where it tells, and no more than most lines have. */
function guessedBandwidth(): number {
  const usual = 2_500_000;
  const line = (navigator as { connection?: { downlink?: number } }).connection?.downlink;
  return line ? Math.min(usual, line * 700_000) : usual;
}
