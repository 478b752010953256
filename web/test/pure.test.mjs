// The parts of the islands that need no page: captions, clocks, sizes, chapters.
import { build } from 'esbuild';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'vidicon-web-'));
let vtt, dom;

async function load(name) {
  const outfile = join(folder, `${name}.mjs`);
  await build({ entryPoints: [join(here, '../src', `${name}.ts`)], bundle: true, format: 'esm', outfile, logLevel: 'error' });
  return import(pathToFileURL(outfile));
}

before(async () => {
  vtt = await load('vtt');
  dom = await load('dom');
});
after(() => rmSync(folder, { recursive: true }));

test('captions are read with or without hours, marks and numbers', () => {
  const text = 'WEBVTT\r\n\r\n1\r\n00:01.500 --> 00:02,000 align:start\r\n<v Ada>Tom &amp; <i>Jerry</i>\r\n\r\n01:00:00.000 --> 01:00:01.000\nlate\n\nno cue\n';
  assert.deepEqual(vtt.readCues(text), [
    { start: 1.5, end: 2, text: 'Tom & Jerry' },
    { start: 3600, end: 3601, text: 'late' },
  ]);
});

test('captions that are written can be read again', () => {
  const cues = [
    { start: 0, end: 1.9996, text: 'a < b & c\nd' },
    { start: 59.9999, end: 3661.25, text: 'e' },
  ];
  const written = vtt.writeCues(cues);
  assert.ok(written.startsWith('WEBVTT\n\n00:00:00.000 --> 00:00:02.000\n'), written);
  assert.ok(written.includes('00:01:00.000 --> 01:01:01.250'), written);
  assert.deepEqual(vtt.readCues(written).map((cue) => cue.text), ['a < b & c\nd', 'e']);
});

test('clocks and times of links', () => {
  assert.deepEqual([0, 61, 3723].map(dom.clock), ['0:00', '1:01', '1:02:03']);
  assert.deepEqual(['90', '1:30', '1h2m3s', '90s', 'x', null].map(dom.seconds), [90, 90, 3723, 90, null, null]);
});
