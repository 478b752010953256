// The addresses of all pages that somebody with an account sees, for the tests that go through all of them.

/** Pages of those who make videos; `uuid` is one of theirs. */
export const making = (uuid) => [
  '/upload', '/my/videos', `/my/videos/${uuid}`, `/my/videos/${uuid}/captions/en`, `/my/videos/${uuid}/figures`, `/my/videos/${uuid}/shares`,
  `/my/videos/${uuid}/cut`, '/my/comments', '/my/playlists', '/my/history', '/subscriptions', '/my/notifications', '/my/settings',
  '/my/settings/security', '/my/settings/notices', '/my/settings/words', '/my/settings/invitations', '/my/settings/tokens', '/my/logins',
  '/my/channels/root_channel',
];

/** Pages of those who run the place. */
export const running = [
  '/admin', '/admin/setup', '/admin/people', '/admin/people/new', '/admin/people/1', '/admin/groups', '/admin/joins', '/admin/invitations',
  '/admin/reports', '/admin/videos', '/admin/comments', '/admin/mutes', '/admin/lists', '/admin/words', '/admin/names', '/admin/follows',
  '/admin/follows?of=followed', '/admin/follows?of=peers', '/admin/webhooks', '/admin/notes/root', '/admin/jobs', '/admin/log?show=changes',
  '/admin/settings', '/admin/pictures', '/styleguide',
];
