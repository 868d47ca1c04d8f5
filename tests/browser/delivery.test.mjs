// One effect per message, in order, to its own visitor only, whatever the connection does.
import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import {
  answers,
  api,
  ask,
  foreignShop,
  messages,
  newSession,
  openChat,
  sendText,
  sessionOf,
  stack,
  until,
  visit,
} from './support.mjs';

test('the same client_id five times at once makes one message and one answer', async () => {
  const { token } = await newSession();
  const client_id = randomUUID();
  const taken = await Promise.all(
    Array.from({ length: 5 }, () => sendText(token, 'how do I return a broken item', client_id)),
  );
  assert.deepEqual(
    taken.map(({ status }) => status),
    [202, 202, 202, 202, 202],
  );
  assert.equal(new Set(taken.map(({ body }) => body.id)).size, 1);
  // A later message's answer shows that nothing of the first five is still on its way.
  await messages(token, 2);
  await sendText(token, 'Can I get an invoice?');
  const all = await messages(token, 4);
  assert.deepEqual(
    all.map(({ seq, author }) => [seq, author]),
    [
      [1, 'customer'],
      [2, 'bot'],
      [3, 'customer'],
      [4, 'bot'],
    ],
  );
});

test('a retry after a lost answer re-uses the client_id', async (t) => {
  let lost = 0;
  const ids = [];
  const page = await visit(t, {
    prepare: (page) =>
      page.route(/\/v1\/messages$/, async (route) => {
        if (route.request().method() !== 'POST') return route.continue();
        ids.push(route.request().postDataJSON().client_id);
        if (lost++) return route.continue();
        await route.fetch(); // the API takes it, the page never learns
        return route.abort();
      }),
  });
  await openChat(page);
  await ask(page, 'how do I return a broken item');
  await until(() => ids.length > 1 || page.locator('.row.customer time').count(), 'the message is confirmed');
  const { token } = await sessionOf(page);
  const all = await messages(token, 2);
  assert.equal(all.filter(({ author }) => author === 'customer').length, 1);
  assert.equal(new Set(ids).size, 1);
  assert.equal(await page.locator('.row.customer').count(), 1);
});

test('a message that the API refuses to take for long can be sent again by hand', async (t) => {
  let down = true;
  const page = await visit(t, {
    prepare: (page) =>
      page.route(/\/v1\/messages$/, (route) =>
        down && route.request().method() === 'POST'
          ? route.fulfill({ status: 400, json: { status: 400 } })
          : route.continue(),
      ),
  });
  await openChat(page);
  await page.locator('textarea').fill('how do I return a broken item');
  await page.keyboard.press('Enter');
  await page.locator('.row.failed .error').waitFor();
  await page.reload(); // what was not sent is still there
  down = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await answers(page).first().waitFor();
  assert.equal(await page.locator('.row.customer').count(), 1);
  assert.equal(await page.locator('.row.failed').count(), 0);
});

test("one visitor's token reads nothing of another's", async (t) => {
  const page = await visit(t);
  await openChat(page);
  await ask(page, 'how do I return a broken item');
  const theirs = await sessionOf(page);
  const mine = await newSession();
  const read = await api('GET', `/v1/messages?after=0&visitor_id=${theirs.visitor_id}`, { token: mine.token });
  assert.deepEqual(read.body?.messages, []);
  for (const token of [undefined, 'x', `${theirs.token.slice(0, -4)}AAAA`, `${theirs.token}x`]) {
    assert.equal((await api('GET', '/v1/messages?after=0', { token })).status, 401);
  }
  const refused = await page.evaluate(
    (url) =>
      new Promise((done) => {
        const socket = new WebSocket(`${url}?token=forged`);
        socket.onopen = () => done('open');
        socket.onclose = () => done('refused');
      }),
    stack.socket_url,
  );
  assert.equal(refused, 'refused');
});

test('a foreign origin is refused, by the API and in the browser', async (t) => {
  const origin = await foreignShop(t);
  assert.equal((await api('POST', '/v1/sessions', { body: {}, origin })).status, 403);
  const page = await visit(t, { from: origin });
  await openChat(page);
  await page.locator('.banner').waitFor();
  assert.match(await page.locator('.banner').innerText(), /cannot be reached/);
  await page.locator('textarea').fill('how do I return a broken item');
  await page.keyboard.press('Enter');
  await page.locator('.row.failed').waitFor();
  assert.equal(await answers(page).count(), 0);
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).filter((name) => !name.endsWith(':view'))), []);
});

test('what is said while the socket is down arrives after it is up again', async (t) => {
  const sockets = [];
  const asked = [];
  let down = false;
  const page = await visit(t, {
    prepare: async (page) => {
      page.on('request', (request) => /\/v1\/messages\?/.test(request.url()) && asked.push(request.url()));
      await page.routeWebSocket(
        (url) => url.searchParams.has('token'),
        (socket) => {
          if (down) return socket.close({ code: 1011 });
          socket.connectToServer();
          sockets.push(socket);
        },
      );
    },
  });
  await openChat(page);
  await ask(page, 'how do I return a broken item');
  down = true;
  await sockets.at(-1).close({ code: 1001 });
  const { token } = await sessionOf(page);
  const fetchesBefore = asked.length;
  await sendText(token, 'Can I get an invoice?');
  await messages(token, 4);
  down = false;
  await answers(page).nth(1).waitFor();
  assert.ok(sockets.length > 1 || asked.length > fetchesBefore);
  assert.ok(
    asked.slice(fetchesBefore).some((url) => url.includes('after=2')),
    'asks from where it stood',
  );
  assert.equal(await page.locator('.row.customer').count(), 2);
  assert.equal(await page.locator('.row').count(), 4);
});

test('without any socket the long poll brings the answers, one poll at a time', async (t) => {
  let open = 0;
  let most = 0;
  const page = await visit(t, {
    prepare: async (page) => {
      await page.routeWebSocket(
        (url) => url.searchParams.has('token'),
        (socket) => socket.close({ code: 1011 }),
      );
      const isPoll = (request) => /wait=25/.test(request.url());
      page.on('request', (request) => {
        if (isPoll(request)) most = Math.max(most, ++open);
      });
      for (const end of ['requestfinished', 'requestfailed'])
        page.on(end, (request) => {
          if (isPoll(request)) open--;
        });
    },
  });
  await openChat(page);
  await until(() => most, 'the poll');
  assert.match(await ask(page, 'how do I return a broken item'), /Within 7 days/);
  assert.match(await ask(page, '你们几天能发货？'), /48 小时/);
  assert.equal(most, 1);
});

test('pushes that come twice or out of order are shown once and in order', async (t) => {
  const at = new Date().toISOString();
  const bot = (seq) => ({ id: `msg_${seq}`, seq, author: 'bot', content: { type: 'text', text: `number ${seq}` }, at });
  let fetched = [];
  const page = await visit(t, {
    prepare: async (page) => {
      await page.route(/\/v1\/messages\?/, (route) => {
        const after = Number(new URL(route.request().url()).searchParams.get('after'));
        const found = fetched.filter(({ seq }) => seq > after);
        return route.fulfill({
          json: { messages: found, last: fetched.length },
          headers: { 'access-control-allow-origin': '*' },
        });
      });
      await page.routeWebSocket(
        (url) => url.searchParams.has('token'),
        (socket) => {
          for (const seq of [2, 1, 1, 2, 5, 4]) socket.send(JSON.stringify(bot(seq)));
          fetched = [1, 2, 3, 4, 5].map(bot); // number 3 was never pushed
        },
      );
    },
  });
  await openChat(page);
  await answers(page).nth(4).waitFor();
  assert.deepEqual(
    await answers(page).allInnerTexts(),
    [1, 2, 3, 4, 5].map((seq) => `number ${seq}`),
  );
});

test('a session that has ended is replaced without a word lost', async (t) => {
  const page = await visit(t);
  await openChat(page);
  await ask(page, 'how do I return a broken item');
  const before = await sessionOf(page);
  await page.evaluate(() => {
    const key = Object.keys(localStorage).find((name) => /^frontdesk:(?!.*:view$)/.test(name));
    const session = JSON.parse(localStorage.getItem(key));
    localStorage.setItem(key, JSON.stringify({ ...session, token: `${session.token.slice(0, -6)}forged` }));
  });
  await page.reload();
  assert.match(await ask(page, '你们几天能发货？'), /48 小时/);
  const now = await sessionOf(page);
  assert.notEqual(now.token, before.token);
  assert.equal((await messages(now.token, 2)).length, 2);
});

test('the socket carries the answers; nothing is polled meanwhile', async (t) => {
  const frames = [];
  const asked = [];
  const page = await visit(t, {
    prepare: (page) => {
      page.on('request', (request) => asked.push(request.url()));
      page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(JSON.parse(payload))));
    },
  });
  await openChat(page);
  const answer = await ask(page, 'how do I return a broken item');
  await until(() => frames.length >= 2, 'both messages by the socket');
  assert.deepEqual(
    frames.map(({ seq, author }) => [seq, author]),
    [
      [1, 'customer'],
      [2, 'bot'],
    ],
  );
  assert.ok(answer.includes(frames[1].content.text.slice(0, 20)));
  assert.deepEqual(
    asked.filter((url) => url.includes('wait=')),
    [],
  );
});

test('a signed-in customer has one conversation in every browser, and what is unsent survives the sign-in', async (t) => {
  const { kid, secret } = stack.channels.web.identity_key;
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${encode({ alg: 'HS256', typ: 'JWT', kid })}.${encode({ sub: randomUUID(), aud: 'frontdesk', exp: Math.floor(Date.now() / 1000) + 600 })}`;
  const jwt = `${body}.${createHmac('sha256', Buffer.from(secret, 'base64')).update(body).digest('base64url')}`;
  const signIn = async (page) => {
    await page.waitForFunction(() => window.Frontdesk && !window.Frontdesk.calls);
    await page.evaluate((identity) => window.Frontdesk.setIdentity(identity), jwt);
  };
  let hold = true;
  const first = await visit(t, {
    prepare: (page) =>
      page.route(/\/v1\/messages$/, (route) =>
        hold && route.request().method() === 'POST' ? route.abort() : route.continue(),
      ),
  });
  await openChat(first);
  const anonymous = await sessionOf(first);
  await first.locator('textarea').fill('how do I return a broken item');
  await first.keyboard.press('Enter');
  await signIn(first);
  await until(async () => (await sessionOf(first)).visitor_id !== anonymous.visitor_id, 'the session of the customer');
  hold = false;
  await answers(first).first().waitFor();

  const second = await visit(t);
  await signIn(second);
  await openChat(second);
  await answers(second).first().waitFor();
  assert.deepEqual(await second.locator('.bubble').allInnerTexts(), await first.locator('.bubble').allInnerTexts());
  await ask(second, 'Can I get an invoice?');
  await answers(first).nth(1).waitFor();
  assert.equal((await sessionOf(first)).visitor_id, (await sessionOf(second)).visitor_id);
  assert.deepEqual(second.faults, []);
});
