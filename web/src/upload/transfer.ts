// Sends one file in pieces. Every piece that arrived stays; after a break the server is asked how much it has.

export interface TransferEvents {
  /** The server has given the upload an address, worth keeping. */
  location(address: string): void;
  progress(sent: number): void;
  waiting(seconds: number): void;
  /** Everything is there; a new video is named. */
  done(video: Arrived | undefined): void;
  failed(message: string, code: string): void;
}

export interface Arrived {
  id: number;
  uuid: string;
  shortUUID: string;
}

interface Answer {
  status: number;
  body: string;
  range: string | null;
  retryAfter: number;
}

const smallest = 1 << 20;
const largest = 64 << 20;
const newVideo = '/api/v1/videos/upload-resumable?uploadType=resumable';

export class Transfer {
  private request: XMLHttpRequest | null = null;
  private stopped = false;
  private piece = 4 << 20;
  private failures = 0;
  private sent = 0;

  constructor(
    private readonly file: File,
    private location: string | null,
    private readonly details: () => Record<string, unknown>,
    private readonly events: TransferEvents,
    private readonly address = newVideo,
  ) {}

  async run(): Promise<void> {
    this.stopped = false;
    if (!this.location && !(await this.announce())) return;
    if (this.stopped) return;
    if (await this.ask()) await this.sendAll();
  }

  pause(): void {
    this.stopped = true;
    this.request?.abort();
  }

  /** Ends the upload for good; the server forgets what it has. */
  async cancel(): Promise<void> {
    this.pause();
    if (this.location) await fetch(this.location, { method: 'DELETE', headers: csrf }).catch(() => undefined);
  }

  private async announce(): Promise<boolean> {
    const headers = { ...csrf, 'content-type': 'application/json', 'x-upload-content-length': String(this.file.size), 'x-upload-content-type': this.file.type || 'application/octet-stream' };
    const body = JSON.stringify({ ...this.details(), filename: this.file.name, lastModified: this.file.lastModified });
    const answer = await fetch(this.address, { method: 'POST', headers, body }).catch(() => null);
    if (!answer) return this.again(() => this.announce());
    if (answer.status === 429 || answer.status >= 500) return this.again(() => this.announce(), Number(answer.headers.get('retry-after')) || 0);
    const location = answer.headers.get('location');
    if (!answer.ok || !location) {
      this.refuse(await answer.text());
      return false;
    }
    const url = new URL(location, window.location.href);
    this.location = url.pathname + url.search;
    this.events.location(this.location);
    return true;
  }

  /** How much is there? 308 tells by its Range; 200 means everything, with the lost answer. */
  private async ask(): Promise<boolean> {
    const answer = await this.put(null, `bytes */${this.file.size}`);
    return this.take(answer, () => this.ask());
  }

  private async sendAll(): Promise<void> {
    while (!this.stopped) {
      const end = Math.min(this.sent + this.piece, this.file.size);
      const began = performance.now();
      const answer = await this.put(this.file.slice(this.sent, end), `bytes ${this.sent}-${end - 1}/${this.file.size}`);
      if (this.stopped) return;
      if (answer.status === 308) this.adapt(performance.now() - began);
      const go = answer.status === 409 ? await this.ask() : await this.take(answer, () => this.ask());
      if (!go) return;
    }
  }

  /** Pieces of about two seconds: few requests, and little to repeat. */
  private adapt(took: number): void {
    if (took < 1000) this.piece = Math.min(largest, this.piece * 2);
    else if (took > 4000) this.piece = Math.max(smallest, this.piece / 2);
  }

  /** What an answer means; true when there is more to send. */
  private async take(answer: Answer, repeat: () => Promise<boolean>): Promise<boolean> {
    if (this.stopped) return false;
    if (answer.status === 308) {
      this.failures = 0;
      this.sent = answer.range ? Number(answer.range.split('-')[1]) + 1 : 0;
      this.events.progress(this.sent);
      return true;
    }
    if (answer.status === 200) {
      this.events.progress(this.file.size);
      this.events.done((JSON.parse(answer.body) as { video?: Arrived }).video);
      return false;
    }
    if (answer.status === 404) {
      this.location = null;
      this.sent = 0;
      return (await this.announce()) && (await this.ask());
    }
    if (answer.status === 0 || answer.status === 429 || answer.status >= 500) return this.again(repeat, answer.retryAfter);
    this.refuse(answer.body);
    return false;
  }

  private async again(repeat: () => Promise<boolean>, told = 0): Promise<boolean> {
    this.failures += 1;
    this.piece = Math.max(smallest, this.piece / 2);
    const wait = told > 0 ? Math.min(told, 30) : Math.min(30, 2 ** Math.min(this.failures, 5) / 2);
    this.events.waiting(wait);
    await new Promise((resolve) => window.setTimeout(resolve, wait * 1000));
    return this.stopped ? false : repeat();
  }

  private refuse(body: string): void {
    let problem: { detail?: string; error?: string; code?: string } = {};
    try {
      problem = JSON.parse(body) as typeof problem;
    } catch {
      /* An answer that is no JSON has no words for us. */
    }
    this.events.failed(problem.detail ?? problem.error ?? '', problem.code ?? '');
  }

  private put(part: Blob | null, range: string): Promise<Answer> {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      this.request = request;
      const from = this.sent;
      request.upload.onprogress = (event) => this.events.progress(from + event.loaded);
      request.onloadend = () =>
        resolve({ status: request.status, body: request.responseText, range: request.getResponseHeader('range'), retryAfter: Number(request.getResponseHeader('retry-after')) || 0 });
      request.open('PUT', this.location ?? this.address);
      request.setRequestHeader('content-type', 'application/octet-stream');
      request.setRequestHeader('content-range', range);
      request.setRequestHeader('x-vidicon-csrf', '1');
      request.send(part);
    });
  }
}

export const csrf = { 'x-vidicon-csrf': '1' };
