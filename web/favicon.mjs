// Draws the mark as PNG and ICO, so that no image tool is needed to build.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));

// The rectangles of icon.svg: x, y, width, height, opacity, in a field of 24 by 24.
function rectangles() {
  const svg = readFileSync(join(here, 'static/icon.svg'), 'utf8');
  return [...svg.matchAll(/<rect ([^>]*)\/>/g)].map(([, attributes]) => {
    const of = (name, otherwise) => Number(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? otherwise);
    return { x: of('x'), y: of('y'), w: of('width'), h: of('height'), alpha: of('opacity', 1) };
  });
}

const overlap = (a, b, c, d) => Math.max(0, Math.min(b, d) - Math.max(a, c));

// Light lines on a dark tile, because a tab bar may be of any colour.
function pixels(size, rects) {
  const scale = size / 32;
  const rows = Buffer.alloc((size * 4 + 1) * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let light = 0;
      for (const r of rects) {
        const left = (r.x + 4) * scale;
        const top = (r.y + 4) * scale;
        light += overlap(x, x + 1, left, left + r.w * scale) * overlap(y, y + 1, top, top + r.h * scale) * r.alpha;
      }
      const at = y * (size * 4 + 1) + 1 + x * 4;
      const shade = (dark, bright) => Math.round(dark + (bright - dark) * Math.min(1, light));
      rows[at] = shade(0x16, 0xf2);
      rows[at + 1] = shade(0x16, 0xf1);
      rows[at + 2] = shade(0x18, 0xee);
      rows[at + 3] = 255;
    }
  }
  return rows;
}

function chunk(type, body) {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length, 0);
  head.write(type, 4, 'latin1');
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(Buffer.concat([head.subarray(4), body])), 0);
  return Buffer.concat([head, body, sum]);
}

function png(size, rects) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(pixels(size, rects), { level: 9 })), chunk('IEND', Buffer.alloc(0))]);
}

function ico(image, size) {
  const head = Buffer.alloc(22);
  head.set([0, 0, 1, 0, 1, 0, size, size, 0, 0, 1, 0, 32, 0]);
  head.writeUInt32LE(image.length, 14);
  head.writeUInt32LE(22, 18);
  return Buffer.concat([head, image]);
}

export function writeFavicons(dist) {
  const rects = rectangles();
  for (const size of [180, 192, 512]) writeFileSync(join(dist, `icon-${size}.png`), png(size, rects));
  writeFileSync(join(dist, 'favicon.ico'), ico(png(32, rects), 32));
}
