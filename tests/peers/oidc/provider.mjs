// A certified OpenID Connect provider (npm oidc-provider) with two people in it, for sso_test.py.
// usage: node provider.mjs PORT REDIRECT_URI   Its log-in form takes any password.
import Provider from 'oidc-provider';

const [port, redirect] = process.argv.slice(2);
const people = {
  ada: { name: 'Ada Lovelace', email: 'ada@example.org', email_verified: true, groups: ['staff'] },
  bob: { name: 'Bob', email: 'bob@example.org', email_verified: false, groups: [] },
};
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'vidicon', client_secret: 'a secret of both & of nobody else%', redirect_uris: [redirect],
      token_endpoint_auth_method: 'client_secret_basic',
    },
    {
      client_id: 'vidicon-post', client_secret: 'posted', redirect_uris: [redirect],
      token_endpoint_auth_method: 'client_secret_post',
    },
  ],
  claims: {
    openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username', 'groups'],
  },
  conformIdTokenClaims: true,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  cookies: { keys: ['of this test'] },
  findAccount: (_, id) => people[id] && {
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id, ...people[id] }),
  },
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
