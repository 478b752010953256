// The embedded player: options in the address, and the messages of PeerTube's embed API.
import './player/element';
import { find, h, remembered } from './dom';
import { Channel } from './player/channel';
import type { VidiconPlayer } from './player/element';
import { speeds } from './player/menu';

const player = find<VidiconPlayer>('vidicon-player');
const query = new URLSearchParams(location.search);
const yes = (name: string): boolean => query.get(name) === '1' || query.get(name) === 'true';
const no = (name: string): boolean => query.get(name) === '0' || query.get(name) === 'false';

/** Options that must be set before the element starts. */
function readOptions(video: HTMLVideoElement): void {
  video.loop = yes('loop');
  video.muted = yes('muted');
  video.autoplay = yes('autoplay');
  if (no('title')) find('.over-top')?.setAttribute('hidden', '');
  if (no('peertubeLink')) find('.over-top .brand')?.setAttribute('hidden', '');
  if (no('controls') || no('controlBar')) document.body.classList.add('no-controls');
}

function resolutions(of: VidiconPlayer): unknown[] {
  const list = of.engine.qualities().map((q) => ({ id: q.height, label: q.label, height: q.height, active: of.engine.selected === q.key }));
  return [...list, { id: -1, label: 'Auto', height: 0, active: of.engine.selected === 'auto' }];
}

function choose(of: VidiconPlayer, id: unknown): void {
  const wanted = of.engine.qualities().find((q) => q.height === Number(id));
  of.engine.choose(wanted ? wanted.key : 'auto');
}

function stateOf(video: HTMLVideoElement): 'unstarted' | 'playing' | 'paused' | 'ended' {
  if (video.ended) return 'ended';
  if (!video.paused) return 'playing';
  return video.played.length > 0 ? 'paused' : 'unstarted';
}

function still(video: HTMLVideoElement): string {
  const canvas = h('canvas', { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  return canvas.toDataURL('image/jpeg');
}

function answerCalls(of: VidiconPlayer, channel: Channel): void {
  const { video } = of;
  const calls: Record<string, (params: unknown) => unknown> = {
    isReady: () => true,
    isPlaying: () => !video.paused,
    play: () => of.play(),
    pause: () => video.pause(),
    seek: (to) => of.seekTo(Number(to)),
    getCurrentTime: () => video.currentTime,
    setVolume: (value) => void (video.volume = Math.min(1, Math.max(0, Number(value)))),
    getVolume: () => (video.muted ? 0 : video.volume),
    setCaption: (id) => of.captions.choose(id === 'off' || id === null ? null : String(id)),
    getCaptions: () => of.captions.available.map((c) => ({ id: c.lang, label: c.label, src: c.url, mode: of.captions.chosen === c.lang ? 'showing' : 'disabled' })),
    setResolution: (id) => choose(of, id),
    getResolutions: () => resolutions(of),
    getPlaybackRates: () => speeds,
    getPlaybackRate: () => video.playbackRate,
    setPlaybackRate: (rate) => void (video.playbackRate = Number(rate)),
    playNextVideo: () => goTo(of, 1),
    playPreviousVideo: () => goTo(of, -1),
    getCurrentPosition: () => of.config.list?.position ?? 1,
    setVideoPassword: (password) => unlock(String(password)),
    getImageDataUrl: () => still(video),
  };
  for (const [name, act] of Object.entries(calls)) channel.bind(name, act);
}

/** The neighbour in the playlist, with the same options. */
function goTo(of: VidiconPlayer, step: 1 | -1): void {
  const { list } = of.config;
  const position = (list?.position ?? 0) + step;
  if (!list || position < 1 || position > list.count) return;
  const next = new URL(location.href);
  next.searchParams.set('playlistPosition', String(position));
  next.searchParams.set('autoplay', '1');
  location.assign(next);
}

/** A password from the page around us is checked by the server, which then sends the real player. */
function unlock(password: string): void {
  const form = find<HTMLFormElement>('form[data-password]');
  const field = find<HTMLInputElement>('input[type=password]', form ?? document);
  if (!form || !field) return;
  field.value = password;
  form.requestSubmit();
}

function tellChanges(of: VidiconPlayer, channel: Channel): void {
  const { video } = of;
  let last = stateOf(video);
  const status = (): void => {
    const now = stateOf(video);
    if (now !== last) channel.notify('playbackStatusChange', now);
    last = now;
    channel.notify('playbackStatusUpdate', { position: video.currentTime, volume: video.muted ? 0 : video.volume, duration: String(video.duration || of.config.duration), playbackState: now });
  };
  for (const name of ['play', 'pause', 'ended', 'playing']) video.addEventListener(name, status);
  video.addEventListener('play', () => channel.notify('play', null));
  video.addEventListener('pause', () => channel.notify('pause', null));
  video.addEventListener('volumechange', () => channel.notify('volumeChange', video.muted ? 0 : video.volume));
  of.addEventListener('qualities', () => channel.notify('resolutionUpdate', resolutions(of)));
  window.setInterval(status, 500);
}

function ready(of: VidiconPlayer, channel: Channel | null): void {
  const rate = Number(query.get('playbackRate'));
  if (rate > 0) of.video.playbackRate = rate;
  const subtitle = query.get('subtitle');
  if (subtitle) of.captions.choose(subtitle);
  else if (!remembered('caption')) of.captions.choose(null);
  of.video.addEventListener('ended', () => goTo(of, 1));
  of.addEventListener('stopped', () => goTo(of, 1));
  if (!channel) return;
  answerCalls(of, channel);
  tellChanges(of, channel);
  channel.notify('ready', true);
}

const video = player ? find<HTMLVideoElement>('video', player) : null;
if (video) readOptions(video);
const channel = window.parent !== window ? new Channel(window.parent, query.get('scope') ?? 'peertube') : null;
if (player) {
  const start = (): void => ready(player, channel);
  if (player.dataset['ready'] !== undefined) start();
  else player.addEventListener('player-ready', start, { once: true });
} else if (channel) {
  channel.bind('isReady', () => false);
  channel.bind('setVideoPassword', (password) => unlock(String(password)));
}
