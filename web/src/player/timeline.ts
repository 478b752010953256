// The line below the picture: chapters, what is loaded, what is played, and a look ahead under the pointer.
import { clock, h, s } from '../dom';
import { t } from '../texts';
import type { Chapter, PlayerConfig, Storyboard } from './config';

const width = 1000;
const gap = 1.2;

interface Piece {
  from: number;
  to: number;
  loaded: SVGElement;
  played: SVGElement;
}

export class Timeline {
  readonly element: HTMLElement;
  readonly input = h('input', { type: 'range', min: 0, max: 0, step: 'any', value: 0, 'aria-label': t('position') });
  private readonly picture = h('div', { class: 'still' });
  private readonly previewText = h('figcaption');
  private readonly preview = h('figure', { class: 'preview', hidden: true }, this.picture, this.previewText);
  private readonly lines = s('svg', { viewBox: `0 0 ${width} 8`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  private readonly loop = h('div', { class: 'loop-span', hidden: true });
  private pieces: Piece[] = [];
  private duration = 0;

  constructor(
    private readonly config: PlayerConfig,
    private readonly seek: (to: number) => void,
  ) {
    this.element = h('div', { class: 'timeline' }, this.lines, this.loop, this.input, this.preview);
    this.input.addEventListener('input', () => this.seek(Number(this.input.value)));
    // The arrow keys belong to the player, which moves by seconds and not by the step of the field.
    this.element.addEventListener('pointermove', (event) => this.lookAhead(event.clientX));
    this.element.addEventListener('pointerleave', () => (this.preview.hidden = true));
    if (config.storyboard) this.shapeStill(config.storyboard);
    else this.picture.hidden = true;
    this.setDuration(config.duration);
  }

  setDuration(duration: number): void {
    if (!Number.isFinite(duration) || duration <= 0 || duration === this.duration) return;
    this.duration = duration;
    this.input.max = String(duration);
    this.lines.replaceChildren();
    this.pieces = this.spans(duration).map(([from, to]) => this.piece(from, to));
  }

  private spans(duration: number): [number, number][] {
    const starts = [0, ...this.config.chapters.map((c) => c.start).filter((at) => at > 0 && at < duration)];
    return starts.map((from, index) => [from, starts[index + 1] ?? duration]);
  }

  private piece(from: number, to: number): Piece {
    const x = (from / this.duration) * width;
    const rect = (kind: string, wide: number): SVGElement => s('rect', { class: kind, x, width: Math.max(0, wide), height: 8 });
    const full = ((to - from) / this.duration) * width - (to < this.duration ? gap : 0);
    const loaded = rect('loaded', 0);
    const played = rect('played', 0);
    this.lines.append(rect('rest', full), loaded, played);
    return { from, to, loaded, played };
  }

  /** Draws where the video is and what is there already. */
  update(video: HTMLVideoElement): void {
    const at = video.currentTime;
    const end = bufferedEnd(video, at);
    for (const piece of this.pieces) {
      this.fill(piece.played, piece, at);
      this.fill(piece.loaded, piece, end);
    }
    if (document.activeElement !== this.input || !this.input.matches(':active')) this.input.value = String(at);
    this.input.setAttribute('aria-valuetext', this.spoken(at));
  }

  private fill(rect: SVGElement, piece: Piece, until: number): void {
    const part = Math.min(Math.max(until, piece.from), piece.to) - piece.from;
    const cut = piece.to < this.duration && until >= piece.to ? gap : 0;
    rect.setAttribute('width', Math.max(0, (part / this.duration) * width - cut).toFixed(2));
  }

  private spoken(at: number): string {
    const chapter = chapterAt(this.config.chapters, at);
    const text = t('position-of', { at: clock(at), duration: clock(this.duration) });
    return chapter ? `${text}, ${chapter.title}` : text;
  }

  /** Shows the part that is repeated, or nothing. */
  showLoop(from: number | null, to: number | null): void {
    this.loop.hidden = from === null || this.duration <= 0;
    if (from === null) return;
    this.loop.style.left = `${(from / this.duration) * 100}%`;
    this.loop.style.right = `${100 - ((to ?? this.duration) / this.duration) * 100}%`;
  }

  private shapeStill(board: Storyboard): void {
    const scale = 224 / board.spriteWidth;
    this.picture.style.backgroundImage = `url("${board.url}")`;
    this.picture.style.backgroundSize = `${board.totalWidth * scale}px ${board.totalHeight * scale}px`;
    this.picture.style.height = `${board.spriteHeight * scale}px`;
  }

  private lookAhead(clientX: number): void {
    const box = this.element.getBoundingClientRect();
    const part = Math.min(1, Math.max(0, (clientX - box.left) / box.width));
    const at = part * this.duration;
    if (this.duration <= 0) return;
    const board = this.config.storyboard;
    if (board) {
      const scale = 224 / board.spriteWidth;
      const columns = Math.max(1, Math.round(board.totalWidth / board.spriteWidth));
      const count = columns * Math.max(1, Math.round(board.totalHeight / board.spriteHeight));
      const index = Math.min(count - 1, Math.floor(at / board.spriteDuration));
      const [column, row] = [index % columns, Math.floor(index / columns)];
      this.picture.style.backgroundPosition = `${-column * board.spriteWidth * scale}px ${-row * board.spriteHeight * scale}px`;
    }
    this.previewText.replaceChildren(h('time', {}, clock(at)), ` ${chapterAt(this.config.chapters, at)?.title ?? ''}`);
    this.preview.classList.toggle('bare', !board);
    this.preview.style.setProperty('--at', `${part * 100}%`);
    this.preview.hidden = false;
  }
}

export function chapterAt(chapters: Chapter[], at: number): Chapter | undefined {
  return chapters.findLast((chapter) => chapter.start <= at);
}

function bufferedEnd(video: HTMLVideoElement, at: number): number {
  for (let index = 0; index < video.buffered.length; index += 1) {
    if (video.buffered.start(index) <= at + 0.3 && video.buffered.end(index) >= at) return video.buffered.end(index);
  }
  return at;
}
