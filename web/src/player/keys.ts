// The keyboard of the player. Keys work while the player has focus, and on a watch page from anywhere but a field.
import { setSpeed, speeds } from './menu';

export interface KeyTarget {
  video: HTMLVideoElement;
  fps(): number;
  toggle(): void;
  seekBy(seconds: number): void;
  seekTo(seconds: number): void;
  louder(by: number): void;
  mute(): void;
  fullscreen(): void;
  theatre(): void;
  captions(): void;
  loopPoint(): void;
  chapter(step: 1 | -1): void;
  say(text: string): void;
}

/** Does what the key means; false when it means nothing here. */
export function onPlayerKey(event: KeyboardEvent, player: KeyTarget): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (/^[0-9]$/.test(event.key) && Number.isFinite(player.video.duration)) {
    player.seekTo((player.video.duration * Number(event.key)) / 10);
    return true;
  }
  const act = actions(player, event.shiftKey)[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act) return false;
  act();
  return true;
}

function actions(player: KeyTarget, shift: boolean): Record<string, () => void> {
  return {
    ' ': () => player.toggle(),
    k: () => player.toggle(),
    j: () => player.seekBy(-10),
    l: () => player.seekBy(10),
    ArrowLeft: () => (shift ? player.chapter(-1) : player.seekBy(-5)),
    ArrowRight: () => (shift ? player.chapter(1) : player.seekBy(5)),
    ArrowUp: () => player.louder(0.05),
    ArrowDown: () => player.louder(-0.05),
    Home: () => player.seekTo(0),
    End: () => player.seekTo(player.video.duration - 0.5),
    m: () => player.mute(),
    f: () => player.fullscreen(),
    t: () => player.theatre(),
    c: () => player.captions(),
    r: () => player.loopPoint(),
    ',': () => step(player, -1),
    '.': () => step(player, 1),
    '<': () => speed(player, -1),
    '>': () => speed(player, 1),
  };
}

/** One picture on or back; only while it stands still. */
function step(player: KeyTarget, by: 1 | -1): void {
  player.video.pause();
  const fps = player.fps();
  const frame = Math.round(player.video.currentTime * fps);
  player.seekTo((frame + by + 0.01) / fps);
}

function speed(player: KeyTarget, by: 1 | -1): void {
  const at = speeds.findIndex((rate) => rate >= player.video.playbackRate);
  const rate = speeds[Math.min(speeds.length - 1, Math.max(0, at + by))] ?? 1;
  setSpeed(player.video, rate);
  player.say(`${rate}×`);
}
