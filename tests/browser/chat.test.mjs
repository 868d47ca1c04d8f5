// What a visitor does: open, ask in Chinese or English, use the keyboard only, pick a quick reply, come back later.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answers, ask, openChat, sessionOf, shot, stack, until, visit } from './support.mjs';

const DISPATCH = /48 小时内发/;
const BROKEN = /Within 7 days of delivery/i;

test('answers a Chinese question', async (t) => {
  const page = await visit(t, { path: '/?lang=zh', locale: 'zh-CN' });
  await openChat(page);
  assert.match(await ask(page, '你们几天能发货？'), DISPATCH);
  assert.equal(await page.locator('#frontdesk').getAttribute('lang'), 'zh-CN');
  await shot(page, 'chat-zh');
  assert.deepEqual(page.faults, []);
});

test('answers an English question', async (t) => {
  const page = await visit(t);
  await openChat(page);
  assert.match(await ask(page, 'how do I return a broken item'), BROKEN);
  await shot(page, 'chat-en');
  assert.deepEqual(page.faults, []);
});

test('works with the keyboard alone, from Tab to the answer and back', async (t) => {
  const page = await visit(t);
  await page.locator('#frontdesk .launcher').waitFor();
  const focused = () =>
    page.evaluate(() => {
      const active = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
      return active?.getAttribute('aria-label') ?? active?.tagName;
    });
  await until(async () => {
    await page.keyboard.press('Tab');
    return (await focused()) === 'Open chat';
  }, 'Tab reaches the launcher');
  await page.keyboard.press('Enter');
  assert.equal(await focused(), 'Message');
  await page.keyboard.type('how do I return a broken item');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('(a lamp)');
  assert.equal(await page.locator('textarea').inputValue(), 'how do I return a broken item\n(a lamp)');
  await page.keyboard.press('Enter');
  await answers(page).first().waitFor();
  assert.match(await answers(page).first().innerText(), BROKEN);

  const stops = new Set();
  for (let i = 0; i < 20; i++) {
    await page.keyboard.press('Tab');
    stops.add(await focused());
    assert.ok(await page.evaluate(() => document.activeElement?.id === 'frontdesk'), 'Tab stays in the panel');
  }
  for (const stop of ['Close chat', 'Conversation', 'Attach a file', 'Message']) assert.ok(stops.has(stop), stop);
  await page.keyboard.press('Escape');
  assert.equal(await focused(), 'Open chat');
  assert.equal(await page.locator('.panel').isVisible(), false);
  assert.deepEqual(page.faults, []);
});

test('a quick reply is sent once and then cannot be used again', async (t) => {
  const page = await visit(t);
  await openChat(page);
  await ask(page, 'how do I return a broken item');
  const choice = page.locator('.row.bot .choice').first();
  const title = await choice.innerText();
  await choice.dblclick({ force: true });
  await answers(page).nth(1).waitFor();
  assert.equal(await page.locator('.row.customer .bubble').count(), 2);
  assert.equal(await page.locator('.row.customer .bubble').last().innerText(), title);
  assert.equal(await choice.isDisabled(), true);
  assert.equal(await choice.getAttribute('aria-pressed'), 'true');
  assert.deepEqual(page.faults, []);
});

test('a reload keeps the conversation and the open panel', async (t) => {
  const page = await visit(t);
  await openChat(page);
  const answer = await ask(page, 'how do I return a broken item');
  await page.reload();
  await answers(page).first().waitFor();
  assert.equal(await answers(page).first().innerText(), answer);
  assert.equal(await page.locator('.row.customer .bubble').count(), 1);
  assert.equal(await page.locator('.panel').isVisible(), true);
  await page.locator('button[aria-label="Close chat"]').click();
  await page.reload();
  await page.locator('.launcher').waitFor();
  assert.equal(await page.locator('.panel').isVisible(), false);
  assert.deepEqual(page.faults, []);
});

test('an answer that comes while the panel is closed is counted on the launcher', async (t) => {
  const page = await visit(t);
  await openChat(page);
  await page.locator('textarea').fill('how do I return a broken item');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await until(() => page.locator('.badge').isVisible(), 'the badge');
  assert.equal(await page.locator('.launcher').getAttribute('aria-label'), 'Open chat (1 unread)');
  await page.locator('.launcher').click();
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.badge').isVisible(), false);
});

test('Enter that ends the choice of a word in an input method sends nothing', async (t) => {
  const page = await visit(t, { path: '/?lang=zh', locale: 'zh-CN' });
  await openChat(page);
  const input = await page.context().newCDPSession(page);
  await page.locator('textarea').focus();
  await input.send('Input.imeSetComposition', { text: 'fahuo', selectionStart: 5, selectionEnd: 5 });
  await input.send('Input.dispatchKeyEvent', {
    type: 'rawKeyDown',
    key: 'Enter',
    code: 'Enter',
    windowsVirtualKeyCode: 229,
  });
  assert.equal(await page.locator('.row.customer').count(), 0);
  await input.send('Input.insertText', { text: '发货' });
  assert.equal(await page.locator('textarea').inputValue(), '发货');
  await page.keyboard.press('Enter');
  await page.locator('.row.customer').waitFor();
  assert.equal(await page.locator('.row.customer .bubble').innerText(), '发货');
});

test('a text above the limit is kept, explained and not sent', async (t) => {
  const page = await visit(t);
  await openChat(page);
  await page.locator('textarea').fill('运'.repeat(3990));
  assert.match(await page.locator('.note').innerText(), /^10 /);
  await page.locator('textarea').fill('😀'.repeat(4001));
  assert.match(await page.locator('.note').innerText(), /^1 /);
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('.row.customer').count(), 0);
  assert.equal(await page.getByRole('button', { name: 'Send' }).isDisabled(), true);
});

test('a picture is uploaded, sent and shown again after a reload; other kinds are refused', async (t) => {
  const page = await visit(t);
  await openChat(page);
  const picture = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  const before = await answers(page).count();
  await page.locator('input[type=file]').setInputFiles({ name: 'lamp.png', mimeType: 'image/png', buffer: picture });
  await page.locator('.row.customer img').waitFor();
  await answers(page).nth(before).waitFor();
  await page.reload();
  const image = page.locator('.row.customer img');
  await image.waitFor();
  await until(() => image.evaluate((node) => node.naturalWidth === 1), 'the stored picture');
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'run.exe', mimeType: 'application/x-msdownload', buffer: picture });
  assert.match(await page.locator('.note').innerText(), /cannot be sent/);
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'big.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(10 * 1024 * 1024 + 1) });
  assert.match(await page.locator('.note').innerText(), /larger than 10 MB/);
  assert.equal(await page.locator('.row.customer').count(), 1);
  assert.deepEqual(page.faults, []);
});

test('the iframe variant works in a page of another origin', async (t) => {
  const page = await visit(t, { path: '/iframe.html?lang=zh' });
  const frame = page.frameLocator('iframe');
  await frame.locator('textarea').fill('你们几天能发货？');
  await frame.locator('textarea').press('Enter');
  await frame.locator('.row.bot .bubble').first().waitFor();
  assert.match(await frame.locator('.row.bot .bubble').first().innerText(), DISPATCH);
  await shot(page, 'iframe-zh');
  assert.deepEqual(page.faults, []);
});

test('a suggested question is sent by a click, and the page can write one into the field', async (t) => {
  const page = await visit(t);
  await openChat(page);
  await page.locator('.hello .choice').first().click();
  await answers(page).first().waitFor();
  assert.equal(await page.locator('.hello .choice').first().isVisible(), false);
  await page.keyboard.press('Escape');
  await page.locator('button[data-ask="how do I return a broken item"]').click();
  assert.equal(await page.locator('textarea').inputValue(), 'how do I return a broken item');
  await page.keyboard.press('Enter');
  await answers(page).nth(1).waitFor();
  assert.match(await answers(page).nth(1).innerText(), BROKEN);
});

test('the host page hears of messages, and signing out leaves nothing on the screen', async (t) => {
  // The identity is taken off on the way: what the widget does with it is what counts here.
  const page = await visit(t, {
    prepare: (page) =>
      page.route(/\/v1\/sessions$/, (route) =>
        route.request().method() === 'POST' ? route.continue({ postData: '{"locale":"en"}' }) : route.continue(),
      ),
  });
  await page.waitForFunction(() => window.Frontdesk && !window.Frontdesk.calls);
  await page.evaluate(() => {
    window.heard = [];
    window.Frontdesk.on('message', ({ author }) => window.heard.push(author));
    window.Frontdesk.setIdentity(`x.${btoa('{"sub":"customer-1"}')}.x`);
    window.Frontdesk.open();
  });
  await ask(page, 'how do I return a broken item');
  await until(async () => (await page.evaluate(() => window.heard)).join() === 'customer,bot', 'both messages');
  const first = await sessionOf(page);
  await page.evaluate(() => window.Frontdesk.setIdentity(`y.${btoa('{"sub":"customer-1","iat":2}')}.y`));
  assert.equal(await page.locator('.row').count(), 2, 'a renewed identity of the same customer changes nothing');
  await page.evaluate(() => window.Frontdesk.setIdentity(null));
  assert.equal(await page.locator('.row').count(), 0);
  assert.match(await ask(page, '你们几天能发货？'), DISPATCH);
  assert.notEqual((await sessionOf(page)).visitor_id, first.visitor_id);
  assert.equal(await page.locator('.row').count(), 2);
  assert.deepEqual(page.faults, []);
});

test('works where the browser blocks storage', async (t) => {
  const page = await visit(t, {
    prepare: (page) =>
      page.addInitScript(() => {
        for (const area of ['localStorage', 'sessionStorage']) {
          Object.defineProperty(window, area, {
            get() {
              throw new DOMException('blocked', 'SecurityError');
            },
          });
        }
      }),
  });
  await openChat(page);
  assert.match(await ask(page, 'how do I return a broken item'), BROKEN);
  assert.deepEqual(page.faults, []);
});

test('an upload can be cancelled, and a failed one tried again', async (t) => {
  let fate = 'hang';
  const page = await visit(t, {
    prepare: (page) =>
      page.route(
        (url) => !url.href.startsWith(stack.api_url),
        (route) => {
          if (route.request().method() !== 'POST' || fate === 'ok') return route.continue();
          return fate === 'fail' ? route.abort() : undefined;
        },
      ),
  });
  await openChat(page);
  const note = { name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') };
  await page.locator('input[type=file]').setInputFiles(note);
  await page.getByRole('progressbar', { name: 'Uploading' }).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  assert.equal(await page.locator('.row').count(), 0);
  fate = 'fail';
  await page.locator('input[type=file]').setInputFiles(note);
  assert.match(await page.locator('.error').innerText(), /Check your network/);
  await shot(page, 'upload-failed');
  fate = 'ok';
  await page.getByRole('button', { name: 'Try again' }).click();
  await answers(page).first().waitFor();
  assert.equal(await page.locator('.row.customer').count(), 1);
});
