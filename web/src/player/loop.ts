// Repeating: the whole video, or from A to B.

export type LoopKind = 'none' | 'all' | 'a' | 'b';

export class Loop {
  kind: LoopKind = 'none';
  private from: number | null = null;
  private to: number | null = null;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly show: (from: number | null, to: number | null) => void,
  ) {
    if (video.loop) this.kind = 'all';
    // Finer than timeupdate, which comes four times a second: a short span would overrun.
    const watch = (): void => {
      if (this.from !== null && this.to !== null && video.currentTime >= this.to) video.currentTime = this.from;
      if (!video.paused && this.to !== null) requestAnimationFrame(watch);
    };
    video.addEventListener('play', watch);
    video.addEventListener('seeked', watch);
  }

  set(kind: LoopKind): void {
    this.kind = kind;
    this.video.loop = kind === 'all';
    if (kind === 'a') [this.from, this.to] = [this.video.currentTime, null];
    else if (kind === 'b') this.close();
    else [this.from, this.to] = [null, null];
    this.show(this.from, this.to);
    this.video.dispatchEvent(new Event('seeked'));
  }

  private close(): void {
    const at = this.video.currentTime;
    this.from ??= 0;
    this.to = Math.max(at, this.from + 0.1);
  }

  /** The key goes through A, B and off. */
  next(): LoopKind {
    this.set(this.kind === 'a' ? 'b' : this.kind === 'b' ? 'none' : 'a');
    return this.kind;
  }
}
