// telegram-test-api: a Bot API server for tests. It pushes what a person writes to a webhook, and shows them what a bot
// sends. It adds no secret header: the suite's fixture does.
'use strict';

const { createServer } = require('node:http');
const { serve } = require('../protocol.js');
const TelegramServer = require('telegram-test-api');

const HOST = '127.0.0.1';

/** A server that waits for one body. */
async function recorder() {
  const server = createServer();
  const body = new Promise((done) => {
    server.on('request', (request, response) => {
      const parts = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        response.end('{}');
        server.close();
        done(Buffer.concat(parts).toString('utf8'));
      });
    });
  });
  await new Promise((done) => server.listen(0, HOST, done));
  return { url: `http://${HOST}:${server.address().port}/`, body };
}

/** A port that nobody has: this server takes none for itself. */
async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, HOST, done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

let running;

async function api() {
  running ??= (async () => {
    const server = new TelegramServer({ host: HOST, port: await freePort() });
    await server.start();
    return server;
  })();
  return running;
}

async function post(url, body) {
  const headers = { 'content-type': 'application/json' };
  const answer = await (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  if (!answer.ok) throw new Error(JSON.stringify(answer));
  return answer;
}

async function update({ user, text }) {
  const server = await api();
  const hook = await recorder();
  await post(`${server.config.apiURL}/bot1:IN/setWebhook`, { url: hook.url });
  const client = server.getClient('1:IN', { userId: user, chatId: user });
  await client.sendMessage(client.makeMessage(text));
  return { body: await hook.body };
}

async function deliver({ user, token, path, body }) {
  const server = await api();
  await post(`${server.config.apiURL}${path}`, body);
  const seen = await server.getClient(token, { userId: user, chatId: user }).getUpdates();
  return { message: seen.result.at(-1).message };
}

serve('telegram-test-api', { update, deliver });
