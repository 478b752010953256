// Viewers of the same video give each other parts of it. A chunk of its own: it is loaded only where the site allows
// it and the viewer takes part.
import type Hls from 'hls.js';
import type { HlsConfig } from 'hls.js';
import { HlsJsP2PEngine } from 'p2p-media-loader-hlsjs';
import type { Peers } from './config';

export interface Traffic {
  /** Bytes from other viewers, and to them. */
  from: number;
  to: number;
}

type Sums = Record<string, Record<string, string>>;

const hex = (bytes: ArrayBuffer): string => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export class Sharing {
  private readonly engine: HlsJsP2PEngine;
  private readonly traffic: Traffic = { from: 0, to: 0 };
  private readonly sums: Promise<Sums>;

  constructor(peers: Peers, tell: (traffic: Traffic) => void) {
    const tracker = new URL(peers.tracker, location.href);
    tracker.protocol = tracker.protocol === 'https:' ? 'wss:' : 'ws:';
    this.sums = fetch(peers.sums).then((answer) => (answer.ok ? (answer.json() as Promise<Sums>) : {})).catch(() => ({}));
    this.engine = new HlsJsP2PEngine({
      core: {
        announceTrackers: [tracker.href],
        swarmId: peers.swarm,
        rtcConfig: { iceServers: peers.stun.map((urls) => ({ urls })) },
        validateP2PSegment: (url, range, data) => this.isRight(url, range, data),
      },
    });
    const count = (part: Partial<Traffic>): void => {
      this.traffic.from += part.from ?? 0;
      this.traffic.to += part.to ?? 0;
      tell(this.traffic);
    };
    this.engine.addEventListener('onChunkDownloaded', (bytes, source) => {
      if (source === 'p2p') count({ from: bytes });
    });
    this.engine.addEventListener('onChunkUploaded', (bytes) => count({ to: bytes }));
  }

  /** What another viewer sends is taken only where its sum is the one that the site names. */
  private async isRight(url: string, range: { start: number; end: number } | undefined, data: ArrayBuffer): Promise<boolean> {
    const file = new URL(url).pathname.split('/').at(-1) ?? '';
    const known = (await this.sums)[file];
    const wanted = range ? known?.[`${range.start}-${range.end}`] : undefined;
    return wanted !== undefined && hex(await crypto.subtle.digest('SHA-256', data)) === wanted;
  }

  loaders(): Partial<HlsConfig> {
    return this.engine.getConfigForHlsJs() as Partial<HlsConfig>;
  }

  bind(hls: Hls): void {
    this.engine.bindHls(hls as never);
  }

  stop(): void {
    this.engine.destroy();
  }
}
