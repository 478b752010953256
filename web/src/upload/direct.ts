// Sends one file straight to the bucket: the site signs the addresses of its parts and joins them; no byte of the file passes through the site.
import { csrf, type Arrived, type TransferEvents } from './transfer';

export const directPath = '/api/v1/videos/upload-direct';

/** What an upload needs to go on after a reload. */
export interface Parts {
  size: number;
  count: number;
  /** The bucket's answers, in the order of the parts. */
  etags: string[];
}

export interface DirectEvents extends TransferEvents {
  parts(parts: Parts): void;
  /** The bucket cannot be reached from this browser: the file goes the other way. */
  unreachable(): void;
}

interface Begun {
  uploadId: string;
  partSize: number;
  partCount: number;
  urls: Signed[];
}

interface Signed {
  part: number;
  url: string;
}

type Problem = { detail?: string; error?: string; code?: string };

/** So often the very first part is tried before the other way is taken. */
const firstTries = 3;

export class DirectTransfer {
  private request: XMLHttpRequest | null = null;
  private stopped = false;
  private failures = 0;
  private urls = new Map<number, string>();

  constructor(
    private readonly file: File,
    private location: string | null,
    private parts: Parts | null,
    private readonly details: () => Record<string, unknown>,
    private readonly events: DirectEvents,
  ) {}

  async run(): Promise<void> {
    this.stopped = false;
    if ((!this.location || !this.parts) && !(await this.announce())) return;
    while (!this.stopped && this.parts) {
      if (this.parts.etags.length >= this.parts.count) {
        if (await this.complete()) return;
      } else if (!(await this.sendNext(this.parts))) return;
    }
  }

  pause(): void {
    this.stopped = true;
    this.request?.abort();
  }

  async cancel(): Promise<void> {
    this.pause();
    if (this.location) await fetch(this.location, { method: 'DELETE', headers: csrf }).catch(() => undefined);
  }

  private async announce(): Promise<boolean> {
    const about = { 'x-upload-content-length': String(this.file.size), 'x-upload-content-type': this.file.type || 'application/octet-stream' };
    const answer = await this.post(directPath, { ...this.details(), filename: this.file.name }, about);
    if (!answer) return false;
    const begun = (await answer.json()) as Begun;
    this.location = `${directPath}/${begun.uploadId}`;
    this.parts = { size: begun.partSize, count: begun.partCount, etags: [] };
    this.remember(begun.urls);
    this.events.location(this.location);
    this.events.parts(this.parts);
    return true;
  }

  private remember(urls: Signed[]): void {
    this.urls = new Map(urls.map(({ part, url }) => [part, url]));
  }

  /** True when there is more to do. */
  private async sendNext(parts: Parts): Promise<boolean> {
    const part = parts.etags.length + 1;
    const url = this.urls.get(part);
    if (!url) {
      const answer = await this.post(`${this.location}/parts`, { first: part });
      if (!answer) return false;
      if (answer.status === 404) return this.afresh();
      this.remember(((await answer.json()) as { urls: Signed[] }).urls);
      return true;
    }
    const from = (part - 1) * parts.size;
    const etag = await this.put(url, this.file.slice(from, Math.min(from + parts.size, this.file.size)), from);
    if (this.stopped) return false;
    if (etag) {
      this.failures = 0;
      parts.etags.push(etag);
      this.events.parts(parts);
      return true;
    }
    // A signature may have run out while the computer slept.
    this.urls.delete(part);
    if (part === 1 && this.failures + 1 >= firstTries) {
      await this.cancel();
      this.events.unreachable();
      return false;
    }
    await this.pauseFor(0);
    return !this.stopped;
  }

  /** The site does not know the upload any more. */
  private async afresh(): Promise<boolean> {
    this.location = null;
    return this.announce();
  }

  private async complete(): Promise<boolean> {
    const answer = await this.post(`${this.location}/complete`, { etags: this.parts?.etags ?? [] });
    if (!answer) return true;
    if (answer.status === 404) return !(await this.afresh());
    this.events.progress(this.file.size);
    this.events.done(((await answer.json()) as { video?: Arrived }).video);
    return true;
  }

  /** Asks the site until it answers; nothing when it refuses or the upload was paused. 404 is for the caller. */
  private async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response | null> {
    while (!this.stopped) {
      const answer = await fetch(path, { method: 'POST', headers: { ...csrf, 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }).catch(() => null);
      if (answer && (answer.ok || answer.status === 404)) return answer;
      if (answer && answer.status !== 429 && answer.status < 500) {
        const problem = (await answer.json().catch(() => ({}))) as Problem;
        if (problem.code === 'direct_upload_unavailable') this.events.unreachable();
        else this.events.failed(problem.detail ?? problem.error ?? '', problem.code ?? '');
        return null;
      }
      await this.pauseFor(Number(answer?.headers.get('retry-after')) || 0);
    }
    return null;
  }

  private async pauseFor(told: number): Promise<void> {
    this.failures += 1;
    const wait = told > 0 ? Math.min(told, 30) : Math.min(30, 2 ** Math.min(this.failures, 6) / 2);
    this.events.waiting(wait);
    await new Promise((resolve) => window.setTimeout(resolve, wait * 1000));
  }

  /** The bucket's name for the part; nothing when it did not take it, or does not let the page read its answer. */
  private put(url: string, part: Blob, from: number): Promise<string | null> {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      this.request = request;
      request.upload.onprogress = (event) => this.events.progress(from + event.loaded);
      request.onloadend = () => resolve(request.status >= 200 && request.status < 300 ? request.getResponseHeader('etag') : null);
      request.open('PUT', url);
      request.send(part);
    });
  }
}
