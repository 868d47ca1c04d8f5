// Messages are text, not markup: fifty payloads in every place that can carry words, from the visitor and from the API.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PAYLOADS } from './payloads.mjs';
import { answers, dangers, holding, messages, openChat, sendText, sessionOf, until, visit } from './support.mjs';

test('there are fifty payloads', () => assert.equal(new Set(PAYLOADS).size, 50));

test('payloads from a visitor go through the pipeline and come back as text', { timeout: 240_000 }, async (t) => {
  const page = await visit(t);
  await openChat(page);
  const { token } = await sessionOf(page);
  for (const payload of PAYLOADS) assert.equal((await sendText(token, payload)).status, 202);
  await messages(token, 2 * PAYLOADS.length);
  await until(async () => (await answers(page).count()) >= PAYLOADS.length, 'all answers on the page');
  const shown = await page
    .locator('.row.customer .bubble')
    .evaluateAll((nodes) => nodes.map((node) => node.textContent));
  assert.deepEqual(
    shown,
    PAYLOADS.map((payload) => payload.trim()),
  );
  assert.deepEqual(await dangers(page), [[], null]);
  assert.deepEqual(page.faults, []);
});

test('payloads in every field that the API can send are text', async (t) => {
  const at = new Date().toISOString();
  const upload = (type, name, url) => ({ type, name, url, mime: 'image/png', size: 1 });
  const contents = PAYLOADS.flatMap((text) => [
    { type: 'text', text },
    { type: 'quick_replies', text, replies: [{ title: text, payload: text }] },
    {
      type: 'buttons',
      text,
      buttons: [
        { kind: 'link', title: text, url: text },
        { kind: 'link', title: text, url: `javascript:alert(1)//${text}` },
        { kind: 'postback', title: text, payload: text },
      ],
    },
    {
      type: 'card',
      title: text,
      text,
      image_url: text,
      buttons: [{ kind: 'link', title: text, url: 'data:text/html,<script>alert(1)</script>' }],
    },
    { type: 'postback', title: text, payload: text },
    { type: 'location', label: text, latitude: text, longitude: text },
    upload('file', text, text),
    upload('image', text, 'javascript:window.hit=1'),
    upload('audio', text, text),
    upload('video', text, text),
    { type: 'event', name: text },
    { type: text, text },
  ]);
  const list = contents.map((content, i) => ({
    id: PAYLOADS[i % 50],
    seq: i + 1,
    author: ['bot', 'agent', 'system', 'customer', PAYLOADS[i % 50]][i % 5],
    content,
    at: i % 7 ? at : PAYLOADS[i % 50],
  }));
  const page = await visit(t, {
    prepare: holding(list),
  });
  await openChat(page);
  // Events are not shown.
  await until(async () => (await page.locator('.row').count()) === list.length - PAYLOADS.length, 'all rows');
  // Scroll through, so that attachments look for their files, too.
  await page.locator('.log').evaluate(async (log) => {
    for (let y = 0; y < log.scrollHeight; y += log.clientHeight / 2) {
      log.scrollTop = y;
      await new Promise(requestAnimationFrame);
    }
  });
  assert.deepEqual(await dangers(page), [[], null]);
  assert.deepEqual(page.faults, []);
});

test('the chat page refuses inline script', async (t) => {
  const page = await visit(t, { path: '/iframe.html?lang=en' });
  const frame = await until(() => page.frames().find((one) => one.url().includes('/chat?')), 'the frame');
  await frame.locator('textarea').waitFor();
  const ran = await frame.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.hit = 1';
    document.body.append(script);
    return window.hit ?? null;
  });
  assert.equal(ran, null);
  assert.match(page.faults.join('\n'), /Content Security Policy/i);
});

test('web addresses become links that lead nowhere else', async (t) => {
  const page = await visit(t);
  await openChat(page);
  await page
    .locator('textarea')
    .fill(
      '请看https://example.com/a?b=1&c=2，或 http://example.org/x(y). javascript:alert(1) HTTPS://EXAMPLE.COM/Z』 (https://example.net/q)',
    );
  await page.keyboard.press('Enter');
  await page.locator('.row.customer a').first().waitFor();
  const links = await page
    .locator('.row.customer a')
    .evaluateAll((nodes) => nodes.map((node) => [node.href, node.rel, node.textContent]));
  const rel = 'noopener noreferrer';
  assert.deepEqual(links, [
    ['https://example.com/a?b=1&c=2', rel, 'https://example.com/a?b=1&c=2'],
    ['http://example.org/x(y)', rel, 'http://example.org/x(y)'],
    ['https://example.com/Z', rel, 'HTTPS://EXAMPLE.COM/Z'],
    ['https://example.net/q', rel, 'https://example.net/q'],
  ]);
});
