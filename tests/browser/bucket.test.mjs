// Files go straight to the bucket, past the site; needs an S3 server, named by TEST_S3_ENDPOINT (with-moto starts one).
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { after, before, test } from 'node:test';
import { logIn, openBrowser, openPage, Site, until } from './site.mjs';

const endpoint = process.env.TEST_S3_ENDPOINT;
const skip = endpoint ? false : 'TEST_S3_ENDPOINT names no S3 server';

/** What browsers see of the bucket: as a bucket with a CORS rule, or without one. Counts and can hold back parts. */
class Gateway {
  open = true;
  hold = 0;
  parts = [];

  async start() {
    const { hostname, port } = new URL(endpoint);
    this.server = createServer((asked, answer) => {
      const headers = this.open ? { 'access-control-allow-origin': '*', 'access-control-allow-methods': 'GET, HEAD, PUT', 'access-control-allow-headers': '*', 'access-control-expose-headers': 'ETag' } : {};
      if (asked.method === 'OPTIONS') {
        answer.writeHead(this.open ? 200 : 403, headers).end();
        return;
      }
      const part = Number(new URL(asked.url, 'http://x').searchParams.get('partNumber'));
      const ours = String(asked.headers.origin ?? '');
      if (part && ours) {
        if (this.hold && part >= this.hold) {
          asked.resume();
          this.held = true;
          return;
        }
        this.parts.push(part);
      }
      const onward = request({ hostname, port, method: asked.method, path: asked.url, headers: asked.headers }, (got) => {
        const kept = Object.fromEntries(Object.entries(got.headers).filter(([name]) => !name.startsWith('access-control-')));
        answer.writeHead(got.statusCode, { ...kept, ...headers });
        got.pipe(answer);
      });
      onward.on('error', () => answer.destroy());
      asked.pipe(onward);
    });
    await new Promise((resolve) => this.server.listen(0, 'localhost', resolve));
    this.url = `http://localhost:${this.server.address().port}`;
  }
}

/** Counts the bytes that clients send to the site. */
async function counted(site) {
  const counter = { received: 0 };
  counter.server = createTcpServer((client) => {
    const onward = connect(site.port, '127.0.0.1');
    client.on('data', (bytes) => (counter.received += bytes.length));
    client.pipe(onward).pipe(client);
    client.on('error', () => onward.destroy());
    onward.on('error', () => client.destroy());
  });
  await new Promise((resolve) => counter.server.listen(0, 'localhost', resolve));
  return counter;
}

const site = new Site();
const gateway = new Gateway();
let browser;
let counter;

before(async () => {
  if (skip) return;
  await gateway.start();
  counter = await counted(site);
  site.publicUrl = `http://localhost:${counter.server.address().port}`;
  const bucket = { NAME: 'vid', ENDPOINT: gateway.url, ACCESS_KEY: 'test', SECRET_KEY: 'testtest', PREFIX: `browser-${process.pid}/` };
  site.env = Object.fromEntries(Object.entries(bucket).map(([name, value]) => [`VIDICON__STORAGE__BUCKET__${name}`, value]));
  await site.start();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await site.close();
  gateway.server?.close();
  gateway.server?.closeAllConnections();
  counter?.server.close();
});

/** A clip that does not compress, of about three parts. */
function large(name) {
  return site.noise(name, 36 << 20);
}

test('a file goes past the site, and on after a reload', { skip }, async () => {
  const page = await openPage(browser);
  await logIn(page, site);
  const clip = large('direct.mp4');
  const size = statSync(clip).size;
  await page.goto(`${site.base}/upload`);
  const before = counter.received;
  gateway.hold = 2;
  await page.locator('vidicon-upload input[type=file]').setInputFiles(clip);
  await until('the second part to wait', 60, () => gateway.held);
  assert.deepEqual(gateway.parts, [1]);
  page.on('dialog', (dialog) => dialog.accept());
  await page.goto('about:blank');
  gateway.hold = 0;
  await page.goto(`${site.base}/upload`);
  await page.locator('.queue li').first().waitFor();
  await page.locator('vidicon-upload input[type=file]').setInputFiles(clip);
  await page.getByRole('link', { name: 'Watch' }).first().waitFor({ timeout: 120_000 });
  assert.deepEqual(gateway.parts, [1, 2, 3], 'no part went twice');
  const share = (counter.received - before) / size;
  console.log(`server bytes per uploaded byte: ${share.toFixed(4)}`);
  assert.ok(share < 0.01, `${share} of the file went to the site`);
  await page.context().close();
});

test('where the browser cannot reach the bucket the file goes through the site', { skip }, async () => {
  const page = await openPage(browser);
  await logIn(page, site);
  gateway.open = false;
  const clip = site.clip('detour.mp4', 2);
  await page.goto(`${site.base}/upload`);
  const before = counter.received;
  await page.locator('vidicon-upload input[type=file]').setInputFiles(clip);
  await page.getByRole('link', { name: 'Watch' }).first().waitFor({ timeout: 120_000 });
  assert.ok(counter.received - before > statSync(clip).size, 'it went through the site');
  gateway.open = true;
});
