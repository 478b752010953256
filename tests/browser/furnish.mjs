// What gives every page something to show: people, conversation, reports, lists, links, work under way.
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A site and who acts on it. */
export class Life {
  constructor(site, token) {
    this.site = site;
    this.headers = { authorization: `Bearer ${token}` };
  }

  static async of(site) {
    return new Life(site, await site.token());
  }

  /** One request of the API; what it answers. */
  async ask(path, method = 'GET', body = undefined) {
    const isForm = body instanceof FormData;
    const headers = { ...this.headers, ...(isForm ? {} : { 'content-type': 'application/json' }) };
    const answer = await fetch(`${this.site.base}/api/v1${path}`, { method, headers, body: isForm ? body : JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? null : answer.json();
  }

  /** A new person's id. */
  async person(username, displayName) {
    const { user } = await this.ask('/users', 'POST', { username, displayName, email: `${username}@example.org`, password: 'a long password', videoQuota: 5e9, videoQuotaDaily: -1, role: 2 });
    return user.id;
  }

  /** The same site, as one of those people. */
  async as(username) {
    const client = await this.ask('/oauth-clients/local');
    const body = new URLSearchParams({ ...client, grant_type: 'password', username, password: 'a long password' });
    const answer = await fetch(`${this.site.base}/api/v1/users/token`, { method: 'POST', body });
    return new Life(this.site, (await answer.json()).access_token);
  }

  async talk(video) {
    const { comment } = await this.ask(`/videos/${video}/comment-threads`, 'POST', { text: 'The second oscillator comes in so late that I had stopped waiting for it.' });
    await this.ask(`/videos/${video}/comments/${comment.id}`, 'POST', { text: 'That is **exactly** where it should be.' });
    await this.ask(`/videos/${video}/comment-threads`, 'POST', { text: 'What tube is this?' });
  }

  /** A public playlist of these videos; its short UUID. */
  async keep(videos) {
    const me = await this.ask('/users/me');
    const { videoPlaylist } = await this.ask('/video-playlists', 'POST', form({ displayName: 'Slow light', privacy: 1, videoChannelId: me.videoChannels[0].id }));
    for (const video of videos) {
      const { id } = await this.ask(`/videos/${video}`);
      await this.ask(`/video-playlists/${videoPlaylist.id}/videos`, 'POST', { videoId: id });
    }
    return videoPlaylist.shortUUID;
  }
}

function form(fields) {
  const body = new FormData();
  for (const [key, value] of Object.entries(fields)) body.append(key, String(value));
  return body;
}

/**
 * Fills the site around these videos, of which the first is root's own; what the addresses of pages need. The site
 * has to be allowed to read from this machine (`Site.env`), for an import that is under way.
 */
export async function furnish(site, videos) {
  const life = await Life.of(site);
  const [first] = videos;
  const mira = await life.person('mira', 'Mira Adler');
  await life.talk(first);
  const list = await life.keep(videos.slice(0, 5));
  await life.ask('/config/custom', 'PUT', await settings(life));
  const asks = { username: 'tomas', email: 'tomas@example.org', password: 'a long password', displayName: 'Tomas Lind', registrationReason: 'I film tides and the machines that measure them.' };
  await life.ask('/users/registrations/request', 'POST', asks);
  await guest(await life.as('mira'), videos);
  await run(life);
  const { share, report } = await own(life, first, videos);
  const oauth = await program(life, 'The festival');
  const { channel, account } = await life.ask(`/videos/${first}`);
  const peer = farServer(site);
  const source = await slowSource(site);
  await life.ask('/videos/imports', 'POST', { targetUrl: source.url, channelId: channel.id, name: 'The long crossing', privacy: 3 });
  return { first, peer, channel: channel.name, actor: channel.url, account: account.name, mira, list, share, report, oauth, close: source.close };
}

/** What a program that asks who somebody is adds to the address of the page where that is allowed. */
export async function program(life, name) {
  const back = 'https://festival.example/back';
  const { clientId } = await life.ask('/server/oauth-apps', 'POST', { name, redirectUris: [back] });
  return String(new URLSearchParams({ client_id: clientId, redirect_uri: back, response_type: 'code', scope: 'openid profile email', state: 'x' }));
}

/** What somebody who only visits leaves behind. */
async function guest(mira, videos) {
  const [first] = videos;
  await mira.ask(`/videos/${first}/comment-threads`, 'POST', { text: 'I saw this on a wall in Rotterdam and have looked for it since.' });
  await mira.ask(`/videos/${videos[2]}/comment-threads`, 'POST', { text: 'How long did one frame take?' });
  const { id } = await mira.ask(`/videos/${videos.at(-2)}`);
  await mira.ask('/abuses', 'POST', { reason: 'This flickers and says nothing about it.', predefinedReasons: ['serverRules'], video: { id, startAt: 3 } });
  await mira.ask('/users/me/subscriptions', 'POST', { uri: `root_channel@${new URL(mira.site.base).host}` });
}

/** What those who run the place keep. */
async function run(life) {
  await life.ask('/server/blocklist/servers', 'POST', { host: 'spam.example' });
  const { userGroup } = await life.ask('/user-groups', 'POST', { name: 'Night crew', description: 'Those who film after dark', videoQuota: 2e10 });
  await life.ask(`/user-groups/${userGroup.id}/members`, 'POST', { username: 'mira' });
  await life.ask('/watched-words/server/lists', 'POST', { listName: 'Spam', words: ['coin', 'pills', 'casino'] });
  await life.ask('/accounts/mira/moderator-notes', 'POST', { note: 'Writes good reports. Worth an answer each time.' });
  await life.ask('/webhooks', 'POST', { url: 'https://tools.example/video', events: ['video.published', 'comment.created'] });
}

/** Another server that has not answered for a day; no server of that name is on this machine, so its row is written. */
function farServer(site) {
  const host = 'tide.example';
  const sql = `INSERT INTO peer (host, first_seen_at, last_success_at, failing_since, failures, last_error, last_error_at, retry_at)
    VALUES (?, 1700000000000, 1700000000000, ?, 4, 'tide.example does not answer: connection refused', ?, ?)`;
  const write = 'import sqlite3, sys, time; now = int(time.time() * 1000); c = sqlite3.connect(sys.argv[1], timeout=10); c.execute(sys.argv[2], (sys.argv[3], now - 86400000, now, now + 86400000)); c.commit()';
  execFileSync('python3', ['-c', write, join(site.data, 'vidicon.db'), sql, host]);
  return host;
}

/** What root has of their own. */
async function own(life, first, videos) {
  await life.ask('/users/me/invitations', 'POST', { note: 'For the festival', maxUses: 5 });
  await life.ask('/watched-words/accounts/root/lists', 'POST', { listName: 'Not here', words: ['spoiler'] });
  const { share } = await life.ask(`/videos/${first}/shares`, 'POST', { kind: 'link', label: 'The jury', viewLimit: 12 });
  await life.ask(`/videos/${first}/shares`, 'POST', { kind: 'user', username: 'mira' });
  const captions = new FormData();
  captions.append('captionfile', new Blob(['WEBVTT\n\n00:00.000 --> 00:04.000\nThe harbour, before anybody is up.\n\n00:05.000 --> 00:09.000\nOut on the water.\n']), 'en.vtt');
  await life.ask(`/videos/${first}/captions/en`, 'PUT', captions);
  for (const [index, video] of videos.slice(0, 4).entries()) await life.ask(`/videos/${video}/views`, 'POST', { currentTime: 4 + index });
  await life.ask('/users/me/subscriptions', 'POST', { uri: `root_channel@${new URL(life.site.base).host}` });
  const { abuse } = await life.ask('/abuses', 'POST', { reason: 'Says he is me.', predefinedReasons: ['hatefulOrAbusive'], account: { id: (await life.ask('/accounts/mira')).id } });
  await life.ask(`/abuses/${abuse.id}/messages`, 'POST', { message: 'Thank you. We have written to them.' });
  const me = await life.ask('/users/me');
  await life.ask(`/users/${me.id}/exports/request`, 'POST', { withVideoFiles: false });
  return { share, report: abuse.id };
}

async function settings(life) {
  const tree = await life.ask('/config/custom');
  tree.instance.name = 'The Harbour';
  tree.instance.shortDescription = 'Films from the coast';
  tree.videoStudio.enabled = true;
  tree.moderation.publicLog.enabled = true;
  tree.import.videos.http.enabled = true;
  tree.import.videoChannelSynchronization.enabled = true;
  tree.signup = { ...tree.signup, enabled: true, requiresApproval: true };
  return tree;
}

/** An address that gives less than half of a clip, little by little, and then nothing until it is closed. */
async function slowSource(site) {
  const clip = readFileSync(site.clip('slow.mp4', 3));
  const server = createServer((_, answer) => {
    answer.writeHead(200, { 'content-type': 'video/mp4', 'content-length': clip.length });
    const piece = Math.ceil(clip.length / 16);
    let at = 0;
    const drip = setInterval(() => {
      answer.write(clip.subarray(at, at + piece));
      at += piece;
      if (at > clip.length / 3) clearInterval(drip);
    }, 400);
    answer.on('close', () => clearInterval(drip));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://localhost:${server.address().port}/crossing.mp4`, close };
}
