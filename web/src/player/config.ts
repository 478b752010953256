// What the page tells the player, as JSON inside the element.

export interface Chapter {
  start: number;
  title: string;
}

export interface Caption {
  lang: string;
  label: string;
  url: string;
}

export interface PlainFile {
  id: number;
  label: string;
  url: string;
  height: number;
  size: number;
}

export interface Storyboard {
  url: string;
  totalWidth: number;
  totalHeight: number;
  spriteWidth: number;
  spriteHeight: number;
  spriteDuration: number;
}

export interface Rung {
  height: number;
  label: string;
  size: number;
}

/** How viewers who share a video find each other. */
export interface Peers {
  /** Takes part who has not chosen? */
  on: boolean;
  tracker: string;
  /** Those who play the same files. */
  swarm: string;
  /** Where the sums of all parts are read. */
  sums: string;
  stun: string[];
}

export interface PlayerConfig {
  /** What the API calls the video; null where nothing is counted. */
  id: string | null;
  title: string;
  duration: number;
  live: boolean;
  /** The video's state as the API numbers it: 1 published, 2 still being transcoded, … */
  state: number;
  hls: string | null;
  files: PlainFile[];
  /** The uploaded file itself, where the maker offers it. */
  original: PlainFile | null;
  /** Its files were put aside while nobody watched, and are being made again. */
  restoring: boolean;
  /** How far its making is, in percent. */
  percent: number | null;
  /** What each rung weighs, for the quality menu. */
  rungs: Rung[];
  storyboard: Storyboard | null;
  chapters: Chapter[];
  captions: Caption[];
  resume: number;
  audioOnly: boolean;
  next: { url: string; title: string } | null;
  /** Where in a playlist the video stands, counted from 1. */
  list: { position: number; count: number } | null;
  /** A password that this page has already checked, sent along with requests for media. */
  password: string | null;
  /** Seconds between two reports of the position. */
  watchInterval: number;
  /** The height above which quality is only the viewer's choice, while the site saves. */
  sparing: number | null;
  /** Null where viewers do not share. */
  peers: Peers | null;
}

const empty: PlayerConfig = {
  id: null,
  title: '',
  duration: 0,
  live: false,
  state: 1,
  hls: null,
  restoring: false,
  percent: null,
  files: [],
  original: null,
  rungs: [],
  storyboard: null,
  chapters: [],
  captions: [],
  resume: 0,
  audioOnly: false,
  next: null,
  list: null,
  password: null,
  watchInterval: 5,
  sparing: null,
  peers: null,
};

export function readConfig(element: Element): PlayerConfig {
  const text = element.querySelector('script[type="application/json"]')?.textContent;
  return text ? { ...empty, ...(JSON.parse(text) as Partial<PlayerConfig>) } : { ...empty };
}
