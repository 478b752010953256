// The real program on a free port with a data folder of its own, and a browser to look at it.
import { spawn, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdtempSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
export const binary = process.env.VIDICON_BIN ?? join(root, 'target/debug/vidicon');
export const password = 'a password of the tests';

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Asks until the answer is truthy, and gives it. */
export async function until(what, seconds, ask) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export class Site {
  folder = mkdtempSync(join(tmpdir(), 'vidicon-browser-'));
  data = join(this.folder, 'data');
  log = '';
  /** How clips are encoded. */
  coding = ['-preset', 'ultrafast'];

  async start() {
    this.port ??= await freePort();
    this.base = this.publicUrl ?? `http://localhost:${this.port}`;
    const args = ['serve', '--data-dir', this.data, '--listen', `127.0.0.1:${this.port}`, '--public-url', this.base];
    const usual = { VIDICON__TRANSCODING__PRIORITY: 'normal', NO_COLOR: '1' };
    const env = { ...process.env, ...usual, ...this.env, VIDICON_ROOT_PASSWORD: password };
    this.process = spawn(binary, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stdout.on('data', (text) => (this.log += text));
    this.process.stderr.on('data', (text) => (this.log += text));
    await until('the server to answer', 60, async () => {
      if (this.process.exitCode !== null) throw new Error(`the server ended: ${this.log.slice(-2000)}`);
      return fetch(`http://127.0.0.1:${this.port}/api/v1/ping`).then((answer) => answer.ok, () => false);
    });
    return this;
  }

  seed(videos) {
    const env = { ...process.env, VIDICON_ROOT_PASSWORD: password };
    execFileSync(binary, ['seed', '--data-dir', this.data, '--videos', String(videos)], { env });
  }

  async stop() {
    if (!this.process || this.process.exitCode !== null) return;
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGTERM');
    await ended;
  }

  async close() {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A clip of ffmpeg's own test picture, with a tone. */
  clip(name, seconds, size = '854x480') {
    const path = join(this.folder, name);
    const picture = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25`, '-f', 'lavfi', '-i', 'sine=frequency=440'];
    const coding = ['-c:v', 'libx264', ...this.coding, '-pix_fmt', 'yuv420p', '-g', '50', '-c:a', 'aac'];
    execFileSync('ffmpeg', ['-v', 'error', '-y', ...picture, '-t', String(seconds), ...coding, path], { stdio: 'ignore' });
    return path;
  }

  /** A clip with an empty box behind it, up to a size. */
  noise(name, size) {
    const path = this.clip(name, 2);
    const rest = size - statSync(path).size;
    const head = Buffer.alloc(8);
    head.writeUInt32BE(rest);
    head.write('free', 4);
    appendFileSync(path, Buffer.concat([head, randomBytes(rest - 8)]));
    return path;
  }

  /** Uploads a clip in one request, waits until it plays, and gives its UUID. */
  async upload(name, seconds, size = '854x480', fields = {}) {
    return this.send(this.clip(name, seconds, size), { name, ...fields });
  }

  /** As `upload`, of a file that is there. */
  async send(path, fields) {
    const headers = { authorization: `Bearer ${await this.token()}` };
    const me = await (await fetch(`${this.base}/api/v1/users/me`, { headers })).json();
    const body = new FormData();
    const values = { channelId: me.videoChannels[0].id, privacy: 1, ...fields };
    for (const [key, value] of Object.entries(values)) body.append(key, String(value));
    body.append('videofile', new Blob([readFileSync(path)], { type: 'video/mp4' }), basename(path));
    const answer = await fetch(`${this.base}/api/v1/videos/upload`, { method: 'POST', headers, body });
    const { video } = await answer.json();
    await until(`${path} to play`, 180, async () => {
      const details = await (await fetch(`${this.base}/api/v1/videos/${video.uuid}`, { headers })).json();
      return details.state?.id === 1 && details.streamingPlaylists?.[0]?.files.length > 0;
    });
    return video.uuid;
  }

  /** Waits until all qualities of a video are there. */
  async allMade(uuid) {
    await until(`all qualities of ${uuid}`, 240, async () => {
      const answer = await fetch(`${this.base}/w/${uuid}/news`);
      return answer.ok && (await answer.json()).done;
    });
  }

  async token() {
    const client = await (await fetch(`${this.base}/api/v1/oauth-clients/local`)).json();
    const body = new URLSearchParams({ ...client, grant_type: 'password', username: 'root', password });
    return (await (await fetch(`${this.base}/api/v1/users/token`, { method: 'POST', body })).json()).access_token;
  }
}

export function openBrowser(...more) {
  const quiet = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required', ...quiet, ...more],
  });
}

/** A page of a fresh profile; what goes wrong in it is kept in `page.faults`. */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({ locale: 'en', viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => {
    // Chromium's own word when the next page is there before the soft change to it could begin; no script is at fault.
    if (/^Transition was (aborted|skipped)/.test(error.message)) return;
    page.faults.push(`script: ${error.message}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') page.faults.push(`console: ${message.text()} ${message.location().url}`);
  });
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && hostname !== 'localhost') page.faults.push(`went elsewhere: ${request.url()}`);
  });
  return page;
}

export async function logIn(page, site) {
  await page.goto(`${site.base}/login`);
  await page.locator('input[name=username]').fill('root');
  await page.locator('input[name=password]').fill(password);
  await page.locator('form[action="/login"] button[type=submit]').click();
  await page.waitForURL((url) => !url.pathname.startsWith('/login'));
}

export async function picture(page, name) {
  mkdirSync(join(here, 'out'), { recursive: true });
  await page.screenshot({ path: join(here, 'out', `${name}.png`) });
}
