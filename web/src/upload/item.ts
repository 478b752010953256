// One file in the queue: its row on the page and what it is doing.
import { bytes, h, icon } from '../dom';
import { DirectTransfer, directPath } from './direct';
import { t } from '../texts';
import { forget, keep, keepHandle, type Kept } from './store';
import { csrf, Transfer, type TransferEvents } from './transfer';

export type Phase = 'needs-file' | 'queued' | 'uploading' | 'paused' | 'processing' | 'done' | 'failed';

export interface Queue {
  /** Files can go straight to the bucket. */
  readonly direct: boolean;
  changed(item: Item): void;
  select(item: Item): void;
  removed(item: Item): void;
  findFile(item: Item): void;
}

interface News {
  done: boolean;
  html: string;
}

export class Item {
  readonly row = h('li');
  phase: Phase;
  private sent = 0;
  private speed = 0;
  private mark = { at: 0, sent: 0 };
  private retryIn = 0;
  private fault = '';
  private rungs: Node[] = [];
  private transfer: Transfer | DirectTransfer | null = null;

  constructor(
    readonly kept: Kept,
    public file: File | null,
    private readonly queue: Queue,
  ) {
    this.phase = kept.video ? 'processing' : file ? 'queued' : 'needs-file';
    this.row.addEventListener('click', () => queue.select(this));
    this.draw();
    if (kept.video) void this.follow();
  }

  get running(): boolean {
    return this.phase === 'uploading';
  }

  give(file: File, handle: FileSystemHandle | null): void {
    this.file = file;
    void keepHandle(this.kept.key, handle);
    this.turn('queued');
  }

  start(): void {
    if (!this.file) return;
    const events: TransferEvents = {
      location: (location) => {
        this.kept.location = location;
        keep(this.kept);
      },
      progress: (sent) => this.progress(sent),
      waiting: (seconds) => {
        this.retryIn = seconds;
        this.draw();
      },
      done: (video) => void this.arrived(video?.uuid ?? ''),
      failed: (message, code) => {
        this.fault = message || t('upload-refused', { code });
        this.turn('failed');
      },
    };
    this.transfer = this.goesDirect() ? this.direct(this.file, events) : new Transfer(this.file, this.kept.location, () => this.firstDetails(), events);
    this.turn('uploading');
    void this.transfer.run();
  }

  /** An upload stays on the way on which it began. */
  private goesDirect(): boolean {
    const { location, detour } = this.kept;
    return location ? location.startsWith(directPath) : this.queue.direct && !detour;
  }

  private direct(file: File, events: TransferEvents): DirectTransfer {
    return new DirectTransfer(file, this.kept.location, this.kept.parts ?? null, () => this.firstDetails(), {
      ...events,
      parts: (parts) => {
        this.kept.parts = parts;
        keep(this.kept);
      },
      unreachable: () => {
        Object.assign(this.kept, { location: null, parts: null, detour: true });
        keep(this.kept);
        this.start();
      },
    });
  }

  /** Private until somebody publishes it, so that nothing is shown by mistake. */
  private firstDetails(): Record<string, unknown> {
    const { details } = this.kept;
    return { name: details['name'] || this.kept.name, channelId: Number(details['channelId']), privacy: 3, waitTranscoding: false };
  }

  pause(): void {
    this.transfer?.pause();
    this.turn('paused');
  }

  /** Changes what is known about the video; saved with it at once when it is there. */
  edit(details: Record<string, string>): void {
    Object.assign(this.kept.details, details);
    keep(this.kept);
    this.draw();
  }

  async publish(): Promise<string> {
    this.kept.publish = true;
    keep(this.kept);
    return this.kept.video ? this.save() : '';
  }

  /** Sends the details to the video; the answer is a fault in words, or nothing. */
  async save(): Promise<string> {
    const { video, details, publish } = this.kept;
    if (!video) return '';
    const body: Record<string, unknown> = { name: details['name'], description: details['description'] || null, channelId: Number(details['channelId']) };
    if (details['licence'] !== undefined) body['licence'] = details['licence'] ? Number(details['licence']) : null;
    if (details['category'] !== undefined) body['category'] = details['category'] ? Number(details['category']) : null;
    if (details['language'] !== undefined) body['language'] = details['language'] || null;
    if (details['tags'] !== undefined) body['tags'] = details['tags'].split(',').map((tag) => tag.trim()).filter(Boolean);
    if (publish) body['privacy'] = Number(details['privacy'] ?? 1);
    const answer = await fetch(`/api/v1/videos/${video}`, { method: 'PUT', headers: { ...csrf, 'content-type': 'application/json' }, body: JSON.stringify(body) }).catch(() => null);
    if (!answer) return t('fault-network');
    if (answer.ok) return '';
    const problem = (await answer.json().catch(() => ({}))) as { detail?: string };
    return problem.detail ?? t('save-refused');
  }

  private async arrived(video: string): Promise<void> {
    this.kept.video = video;
    this.kept.location = null;
    keep(this.kept);
    this.fault = await this.save();
    this.turn('processing');
    await this.follow();
  }

  /** Shows how the qualities get on. */
  private async follow(): Promise<void> {
    for (;;) {
      const answer = await fetch(`/w/${this.kept.video}/news`, { headers: { accept: 'application/json' } }).catch(() => null);
      if (answer?.status === 404 && (await this.isGone())) {
        this.remove();
        return;
      }
      if (answer?.ok) {
        const news = (await answer.json()) as News;
        const fresh = new DOMParser().parseFromString(news.html, 'text/html').querySelector('.rungs');
        this.rungs = fresh ? [document.importNode(fresh, true)] : [];
        if (news.done) {
          this.turn('done');
          return;
        }
      }
      this.draw();
      await new Promise((resolve) => window.setTimeout(resolve, document.hidden ? 10000 : 2000));
    }
  }

  /** Somebody deleted the video meanwhile. */
  private async isGone(): Promise<boolean> {
    const answer = await fetch(`/api/v1/videos/${this.kept.video}`).catch(() => null);
    return answer?.status === 404;
  }

  private progress(sent: number): void {
    const now = performance.now();
    this.retryIn = 0;
    if (now - this.mark.at > 1000) {
      const recent = ((sent - this.mark.sent) / (now - this.mark.at)) * 1000;
      if (this.mark.at > 0 && recent >= 0) this.speed = this.speed === 0 ? recent : this.speed * 0.7 + recent * 0.3;
      this.mark = { at: now, sent };
    }
    this.sent = sent;
    this.draw();
  }

  remove(): void {
    if (!this.kept.video) void this.transfer?.cancel();
    if (!this.transfer && this.kept.location) void fetch(this.kept.location, { method: 'DELETE', headers: csrf }).catch(() => undefined);
    forget(this.kept.key);
    this.row.remove();
    this.queue.removed(this);
  }

  private turn(phase: Phase): void {
    this.phase = phase;
    this.draw();
    this.queue.changed(this);
  }

  private draw(): void {
    const name = h('strong', {}, this.kept.details['name'] || this.kept.name);
    const parts: Record<Phase, () => (Node | null)[]> = {
      'needs-file': () => [head(name, 'info', 'quiet', t('waits-for-file')), h('p', {}, t('choose-again', { name: this.kept.name })), this.acts('choose', 'remove')],
      queued: () => [head(name, 'clock', 'quiet', t('queued')), this.acts('remove')],
      uploading: () => [this.uploadHead(name, 'pause', t('pause-upload')), this.bar(), this.figures()],
      paused: () => [this.uploadHead(name, 'play', t('go-on')), this.bar(), h('span', { class: 'quiet' }, t('paused'))],
      processing: () => [head(name, 'ok', 'good', t('arrived')), ...this.rungs, this.fault ? h('p', { class: 'bad' }, this.fault) : null, this.link()],
      done: () => [head(name, 'ok', 'good', t('ready')), ...this.rungs, this.link()],
      failed: () => [head(name, 'fault', 'bad', t('stopped')), h('p', {}, this.fault), this.acts('again', 'remove')],
    };
    const frame = h('div', { class: 'frame' }, icon('film'));
    const body = h('div', { class: 'text' }, ...parts[this.phase]());
    this.row.replaceChildren(frame, body);
  }

  private uploadHead(name: Node, sign: string, label: string): Node {
    const act = (event: Event): void => {
      event.stopPropagation();
      if (this.running) this.pause();
      else this.turn('queued');
    };
    const button = h('button', { class: 'btn btn-bare btn-icon push', type: 'button', 'aria-label': label, title: label, onclick: act }, icon(sign));
    const cancel = (event: Event): void => {
      event.stopPropagation();
      if (confirm(t('cancel-sure', { name: this.kept.name }))) this.remove();
    };
    const stop = h('button', { class: 'btn btn-bare btn-icon', type: 'button', 'aria-label': t('cancel-upload'), title: t('cancel-upload'), onclick: cancel }, icon('cross'));
    return h('div', { class: 'row name' }, name, button, stop);
  }

  private bar(): Node {
    return h('progress', { value: this.sent, max: this.kept.size, 'aria-label': t('uploading') });
  }

  private figures(): Node {
    const sum = t('sent-of', { sent: bytes(this.sent), size: bytes(this.kept.size) });
    if (this.retryIn > 0) return h('span', { class: 'warn' }, t('no-connection', { seconds: Math.round(this.retryIn) }));
    if (this.speed <= 0) return h('span', {}, sum);
    const left = duration((this.kept.size - this.sent) / this.speed);
    return h('span', {}, sum, h('span', { class: 'quiet' }, ` · ${t('speed', { speed: bytes(this.speed) })} · ${left}`));
  }

  private link(): Node {
    return h('div', { class: 'row' }, h('a', { href: `/w/${this.kept.video}` }, t('watch-it')), h('a', { href: `/my/videos/${this.kept.video}` }, t('edit-it')));
  }

  private acts(...names: ('choose' | 'again' | 'remove')[]): Node {
    const all: Record<string, [string, string, () => void]> = {
      choose: ['film', t('choose-file'), () => this.queue.findFile(this)],
      again: ['retry', t('try-again'), () => this.turn(this.file ? 'queued' : 'needs-file')],
      remove: ['trash', t('remove'), () => this.remove()],
    };
    const button = (name: string): Node => {
      const [sign, text, act] = all[name] ?? ['cross', name, () => undefined];
      const press = (event: Event): void => {
        event.stopPropagation();
        act();
      };
      return h('button', { class: 'btn', type: 'button', onclick: press }, icon(sign), text);
    };
    return h('div', { class: 'row' }, ...names.map(button));
  }
}

function head(name: Node, sign: string, mood: string, word: string): Node {
  return h('div', { class: 'row' }, name, h('span', { class: `state ${mood} push` }, icon(sign), word));
}

function duration(seconds: number): string {
  if (seconds < 60) return t('seconds-left', { seconds: Math.max(1, Math.round(seconds)) });
  if (seconds < 3600) return t('minutes-left', { minutes: Math.round(seconds / 60) });
  return t('hours-left', { hours: Math.floor(seconds / 3600), minutes: Math.round((seconds % 3600) / 60) });
}
