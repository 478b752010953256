// Reads WebVTT for the transcript and the captions editor. Marks inside a line are left out.

export interface Cue {
  start: number;
  end: number;
  text: string;
}

const line = /^((?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3})\s+-->\s+((?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3})/;

export function readCues(text: string): Cue[] {
  const cues: Cue[] = [];
  for (const block of text.replaceAll('\r\n', '\n').split(/\n{2,}/)) {
    const rows = block.split('\n');
    const at = rows.findIndex((row) => line.test(row));
    const match = line.exec(rows[at] ?? '');
    if (!match) continue;
    const words = rows.slice(at + 1).join('\n').replace(/<[^>]*>/g, '');
    const clean = words.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&nbsp;', ' ').replaceAll('&amp;', '&').trim();
    if (clean) cues.push({ start: readTime(match[1]), end: readTime(match[2]), text: clean });
  }
  return cues;
}

function readTime(text: string | undefined): number {
  return (text ?? '').replace(',', '.').split(':').reduce((sum, part) => sum * 60 + parseFloat(part), 0);
}

function writeTime(seconds: number): string {
  const all = Math.round(seconds * 1000);
  const whole = Math.floor(all / 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const thousandths = String(all % 1000).padStart(3, '0');
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}.${thousandths}`;
}

export function writeCues(cues: Cue[]): string {
  const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replace(/\n{2,}/g, '\n');
  return `WEBVTT\n\n${cues.map((cue) => `${writeTime(cue.start)} --> ${writeTime(cue.end)}\n${escape(cue.text)}\n`).join('\n')}`;
}
