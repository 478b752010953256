// Tells the server how far somebody has watched: that is a view, and the place to go on from later. For visitors
// without an account the place is kept in the browser.
import { remember, remembered } from '../dom';
import type { PlayerConfig } from './config';

export class Watching {
  private last = -1;
  private timer = 0;
  /** Pages without TLS have no `randomUUID`. */
  private readonly session = crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join('-');

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly config: PlayerConfig,
    private readonly here: boolean,
  ) {
    if (!config.id) return;
    video.addEventListener('play', () => this.begin());
    video.addEventListener('pause', () => this.end());
    video.addEventListener('ended', () => this.end());
    video.addEventListener('seeked', () => !video.paused && this.report('seek'));
    addEventListener('pagehide', () => !video.paused && this.report());
  }

  private begin(): void {
    this.report();
    window.clearInterval(this.timer);
    this.timer = window.setInterval(() => this.report(), this.config.watchInterval * 1000);
  }

  private end(): void {
    window.clearInterval(this.timer);
    this.report();
  }

  private report(viewEvent?: 'seek'): void {
    const currentTime = Math.floor(Math.min(this.video.currentTime, this.config.duration || Infinity));
    if (currentTime === this.last && !viewEvent) return;
    this.last = currentTime;
    if (this.here) keepPlace(this.config, currentTime);
    // A lost report costs nothing: the next one says the same and more.
    void fetch(`/api/v1/videos/${this.config.id}/views`, {
      method: 'POST',
      keepalive: true,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ currentTime, sessionId: this.session, viewEvent }),
    }).catch(() => undefined);
  }
}

type Places = [id: string, at: number][];
const mostPlaces = 50;

function places(): Places {
  try {
    const kept: unknown = JSON.parse(remembered('places') ?? '[]');
    return Array.isArray(kept) ? (kept as Places) : [];
  } catch {
    return [];
  }
}

/** Where this browser stopped in a video; 0 for its beginning. */
export function placeOf(id: string | null): number {
  const found = places().find((place) => place[0] === id);
  return Number(found?.[1]) || 0;
}

/** The last ones only; what was begun or seen to its end starts anew. */
function keepPlace({ id, duration, live }: PlayerConfig, at: number): void {
  if (!id || live) return;
  const rest = places().filter((place) => place[0] !== id);
  if (at >= 5 && at < duration * 0.95) rest.unshift([id, at]);
  remember('places', JSON.stringify(rest.slice(0, mostPlaces)));
}
