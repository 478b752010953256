// Makes the pictures of docs/screenshots from a site with invented videos.
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBrowser, openPage, Site } from './site.mjs';

const out = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs', 'screenshots');
mkdirSync(out, { recursive: true });
const site = new Site();
site.seed(120);
await site.start();
const browser = await openBrowser();
try {
  const page = await openPage(browser, { viewport: { width: 1280, height: 860 } });
  await page.goto(site.base, { waitUntil: 'networkidle' });
  await page.screenshot({ path: join(out, 'home.png') });
  const videos = await (await fetch(`${site.base}/api/v1/videos?count=1`)).json();
  await page.goto(`${site.base}/w/${videos.data[0].shortUUID}`, { waitUntil: 'networkidle' });
  await page.screenshot({ path: join(out, 'watch.png') });
} finally {
  await browser.close();
  await site.close();
}
