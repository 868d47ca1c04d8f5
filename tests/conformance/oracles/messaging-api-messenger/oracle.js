// messaging-api-messenger: a client of the Send API, whose calls are recorded on loopback.
'use strict';

const { createServer } = require('node:http');
const { serve } = require('../protocol.js');
const { MessengerClient } = require('messaging-api-messenger');

/** A server that answers every call alike; the last one is kept. */
const calls = [];
const server = createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    calls.push({ method: request.method, url: request.url, body: JSON.parse(Buffer.concat(parts).toString('utf8')) });
    response.setHeader('content-type', 'application/json');
    response.end('{"recipient_id":"1","message_id":"m_1"}');
  });
});
const listening = new Promise((done) => server.listen(0, '127.0.0.1', done));

async function record({ token, secret, version, user, send, options }) {
  await listening;
  const origin = `http://127.0.0.1:${server.address().port}`;
  const client = new MessengerClient({ accessToken: token, appSecret: secret, version, origin });
  const [kind, ...words] = send;
  await client[kind](user, ...words, options);
  const { method, url, body } = calls.pop();
  const { pathname, searchParams } = new URL(url, origin);
  return { method, path: pathname, query: Object.fromEntries(searchParams), fields: body };
}

serve('messaging-api-messenger', { record });
