// A SAML 2 identity provider (npm samlp) with two people in it, for sso_test.py. Its form takes any password.
// usage: node provider.mjs PORT ACS KEY CERTIFICATE [response]   With `response` the whole answer is signed too.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import samlp from 'samlp';

const [port, acs, key, certificate, whole] = process.argv.slice(2);
const people = {
  ada: { name: 'Ada Lovelace & Co <x>', groups: ['artists', 'staff'] },
  bob: { name: 'Bob', groups: [] },
};
const profileMapper = (user) => ({
  getClaims: () => ({
    'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress': `${user.id}@example.org`,
    'urn:oid:0.9.2342.19200300.100.1.1': user.id,
    displayName: user.name,
    groups: user.groups,
  }),
  getNameIdentifier: () => ({
    nameIdentifier: `${user.id}-at-work`,
    nameIdentifierFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  }),
});
const answer = samlp.auth({
  issuer: 'urn:work', key: readFileSync(key), cert: readFileSync(certificate), profileMapper,
  recipient: acs, destination: acs, lifetimeInSeconds: 300, signResponse: whole === 'response',
  getUserFromRequest: (request) => request.user,
  getPostURL: (audience, question, request, done) => done(null, acs),
});

createServer((request, response) => {
  const url = new URL(request.url, `http://127.0.0.1:${port}`);
  const page = (text) => {
    response.setHeader('content-type', 'text/html');
    response.end(text);
  };
  if (request.method === 'GET') {
    page(`<form method="post" action="/log-in${url.search.replaceAll('&', '&amp;')}"><input name="login"></form>`);
    return;
  }
  let body = '';
  request.on('data', (part) => { body += part; });
  request.on('end', () => {
    const id = new URLSearchParams(body).get('login');
    const asked = { method: 'GET', query: Object.fromEntries(url.searchParams), user: { id, ...people[id] } };
    const express = { set: (name, value) => response.setHeader(name, value), send: page };
    answer(asked, express, (error) => page(String(error)));
  });
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));
