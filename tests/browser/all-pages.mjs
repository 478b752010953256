// The addresses of all pages, for the tests that go through all of them and for the pictures of them. A route that is
// neither here nor among what is no page makes a test fail.
import { readFileSync } from 'node:fs';

/** Pages of visitors; what they name comes from `furnish`. */
export const visiting = (it) => ({
  home: '/',
  watch: `/w/${it.first}`,
  playlist: `/w/p/${it.list}`,
  'playlist-watch': `/w/p/${it.list}?playlistPosition=2`,
  channel: `/c/${it.channel}`,
  account: `/a/${it.account}`,
  search: '/search?search=light',
  'search-nothing': '/search?search=zzzz',
  list: '/videos/trending',
  category: '/categories/4',
  tag: '/tags/light',
  about: '/about',
  follows: '/about/follows',
  'moderators-acts': '/about/moderation',
  login: '/login',
  signup: '/signup',
  forgot: '/forgot',
  'password-new': '/reset-password?userId=1&verificationString=x',
  'address-prove': '/verify-account/email?userId=1&verificationString=x',
  'address-again': '/verify-account/ask-send-email',
  follow: `/remote-interaction?uri=${encodeURIComponent(it.actor)}`,
  'mails-stop': '/unsubscribe?user=1&from=newVideoFromSubscription&token=00',
  shared: `/s/${it.share.token}`,
  'not-found': '/nothing',
  embed: `/videos/embed/${it.first}`,
  'embed-list': `/video-playlists/embed/${it.list}`,
});

/** Pages of those who make videos. */
export const making = (it) => {
  const video = `/my/videos/${it.first}`;
  return {
    subscriptions: '/subscriptions',
    history: '/my/history',
    playlists: '/my/playlists',
    upload: '/upload',
    imports: '/my/imports',
    videos: '/my/videos',
    edit: video,
    captions: `${video}/captions/en`,
    figures: `${video}/figures`,
    shares: `${video}/shares`,
    cut: `${video}/cut`,
    comments: '/my/comments',
    notifications: '/my/notifications',
    'mutes-own': '/my/mutes',
    offers: '/my/offers',
    reports: '/my/reports',
    report: `/my/reports/${it.report}`,
    settings: '/my/settings',
    security: '/my/settings/security',
    'notice-choices': '/my/settings/notices',
    'words-own': '/my/settings/words',
    'invitations-own': '/my/settings/invitations',
    tokens: '/my/settings/tokens',
    data: '/my/settings/data',
    logins: '/my/logins',
    'channel-edit': `/my/channels/${it.channel}`,
    'channel-followers': `/my/channels/${it.channel}/followers`,
    'program-allow': `/oauth/authorize?${it.oauth}`,
  };
};

/** Pages of those who run the place. */
export const running = (it) => ({
  setup: '/admin/setup',
  health: '/admin',
  people: '/admin/people',
  person: `/admin/people/${it.mira}`,
  'person-new': '/admin/people/new',
  groups: '/admin/groups',
  group: '/admin/groups/1',
  invitations: '/admin/invitations',
  joins: '/admin/joins',
  join: '/admin/joins/1',
  'reports-all': '/admin/reports',
  'report-one': '/admin/reports/1',
  'videos-all': '/admin/videos',
  'comments-all': '/admin/comments',
  mutes: '/admin/mutes',
  lists: '/admin/lists',
  words: '/admin/words',
  followers: '/admin/follows',
  followed: '/admin/follows?of=followed',
  peers: '/admin/follows?of=peers',
  peer: `/admin/follows/servers/${it.peer}`,
  webhooks: '/admin/webhooks',
  notes: '/admin/notes/mira',
  pictures: '/admin/pictures',
  'home-rows': '/admin/home',
  names: '/admin/names',
  machines: '/admin/machines',
  costs: '/admin/costs',
  jobs: '/admin/jobs?state=all',
  log: '/admin/log?show=info',
  changes: '/admin/log?show=changes',
  'place-settings': '/admin/settings',
  styleguide: '/styleguide',
});

/** Pages that answer with a fault: nothing is there, or the link of a mail is not one of ours. */
export const faults = { '/nothing': 404, '/unsubscribe': 403 };

/** Routes that are no pages: files and documents, what programs ask, what leads to a page of another address. */
const elsewhere = [
  /^\/(api|client|download|feeds|lazy-static|static|object-storage-proxy|redundancy|\.well-known|nodeinfo|services|socket\.io|tracker)\//,
  /^\/(favicon\.ico|health|metrics|manifest\.webmanifest|opensearch\.xml|push-worker\.js|robots\.txt|security\.txt|sitemap\.xml|socket\.io|teapot)$/,
  /^\/oauth\/(jwks|userinfo)$/,
  /^\/(accounts|video-channels|video-playlists|videos\/watch|my-library)\/(?!embed)/,
  /^\/(a|c)\/\{handle\}\/\{part\}$/, /^\/about\/\{part\}/, /^\/videos\/subscriptions$/, /^\/home$/, /^\/w\/\{id\}\/news$/, /^\/w\/p\/\{id\}\/now$/,
  /^\/@\{name\}$/, /^\/sso\//, /^\/plugins\/(sso|translations)\//, /^\/plugins\/global\.css$/, /^\/admin\/videos\/\{id\}$/,
];

/** The routes that are read (GET) and neither a page of these nor known as no page. */
export function withoutRow(pages) {
  const paths = Object.values(pages).map((path) => path.split('?')[0]);
  const table = readFileSync(new URL('../../fixtures/access/statuses.txt', import.meta.url), 'utf8');
  const routes = [...table.matchAll(/^GET (\S+) = /gm)].map(([, route]) => route);
  const isPage = (route) => {
    const shape = new RegExp(`^${route.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`);
    return paths.some((path) => shape.test(path));
  };
  return routes.filter((route) => !elsewhere.some((it) => it.test(route)) && !isPage(route));
}
