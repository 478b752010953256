// Captions drawn by us, so that they never lie under the controls and a viewer can choose how they look.
import { h, remember, remembered } from '../dom';
import type { Caption } from './config';

export const captionSizes = ['small', 'medium', 'large', 'huge'] as const;
export const captionGrounds = ['box', 'shade', 'outline'] as const;

export class Captions {
  readonly element = h('div', { class: 'cues', 'aria-live': 'off', dir: 'auto' });
  private track: HTMLTrackElement | null = null;
  private language: string | null = null;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly list: Caption[],
    private readonly changed: () => void,
  ) {
    for (const track of video.querySelectorAll('track')) track.remove();
    this.style('size', remembered('caption-size') ?? 'medium');
    this.style('ground', remembered('caption-ground') ?? 'box');
    const kept = remembered('caption');
    if (kept && kept !== 'off' && list.some((c) => c.lang === kept)) this.choose(kept);
  }

  get chosen(): string | null {
    return this.language;
  }

  get available(): Caption[] {
    return this.list;
  }

  choose(language: string | null): void {
    this.track?.remove();
    this.track = null;
    this.language = null;
    this.element.replaceChildren();
    const caption = this.list.find((c) => c.lang === language);
    if (caption) {
      this.language = caption.lang;
      this.track = h('track', { kind: 'subtitles', src: caption.url, srclang: caption.lang, label: caption.label });
      this.video.append(this.track);
      this.track.track.mode = 'hidden';
      this.track.track.addEventListener('cuechange', () => this.draw());
    }
    remember('caption', this.language ?? 'off');
    this.changed();
  }

  /** On and off, by the key or the button. */
  toggle(): void {
    if (this.language) this.choose(null);
    else this.choose((this.list.find((c) => document.documentElement.lang.startsWith(c.lang)) ?? this.list[0])?.lang ?? null);
  }

  style(what: 'size' | 'ground', value: string): void {
    this.element.dataset[what] = value;
    remember(`caption-${what}`, value);
  }

  private draw(): void {
    const cues = [...(this.track?.track.activeCues ?? [])] as VTTCue[];
    this.element.replaceChildren(...cues.map((cue) => h('p', {}, cue.getCueAsHTML())));
  }
}
