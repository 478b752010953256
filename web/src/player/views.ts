// Tells the server how far somebody has watched: that is a view, and the place to go on from later.
import type { PlayerConfig } from './config';

export class Watching {
  private last = -1;
  private timer = 0;
  /** Pages without TLS have no `randomUUID`. */
  private readonly session = crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join('-');

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly config: PlayerConfig,
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
    // A lost report costs nothing: the next one says the same and more.
    void fetch(`/api/v1/videos/${this.config.id}/views`, {
      method: 'POST',
      keepalive: true,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ currentTime, sessionId: this.session, viewEvent }),
    }).catch(() => undefined);
  }
}
