// The page itself: languages, dark and small screens, accessibility, size.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { require } from './packages.mjs';
import { ask, openChat, shot, stack, until, visit } from './support.mjs';

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds wrong, the chat open or not. */
async function violations(target) {
  await target.evaluate(axe);
  const found = await target.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target: at, failureSummary }) => `${id} ${at.flat().join(' ')}: ${failureSummary}`),
  );
}

const looks = [
  { name: 'light-en', path: '/?lang=en', colorScheme: 'light' },
  { name: 'dark-en', path: '/?lang=en', colorScheme: 'dark' },
  { name: 'light-zh', path: '/?lang=zh', colorScheme: 'light' },
  {
    name: 'dark-zh-phone',
    path: '/?lang=zh',
    colorScheme: 'dark',
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
  },
];

for (const { name, path, ...options } of looks) {
  test(`axe-core finds nothing: ${name}`, async (t) => {
    const page = await visit(t, { path, reducedMotion: 'reduce', ...options });
    await page.locator('.launcher').waitFor();
    assert.deepEqual(await violations(page), []);
    await shot(page, `shop-${name}`);
    await openChat(page);
    await page.locator('.hello').waitFor();
    assert.deepEqual(await violations(page), []);
    await ask(page, path.includes('zh') ? '东西坏了怎么退' : 'how do I return a broken item');
    await page.locator('.row .choice').first().waitFor();
    assert.deepEqual(await violations(page), []);
    await page.locator('.row .choice').first().click(); // disabled and chosen replies
    await page.locator('.row.bot').nth(1).waitFor();
    await page.locator('textarea').fill('x'.repeat(4001)); // a fault in words
    assert.deepEqual(await violations(page), []);
    await shot(page, `chat-${name}`);
    assert.deepEqual(page.faults, []);
  });
}

test('axe-core finds nothing in the iframe variant', async (t) => {
  const page = await visit(t, { path: '/iframe.html?lang=en' });
  const frame = await until(() => page.frames().find((one) => one.url().includes('/chat?')), 'the frame');
  await frame.locator('textarea').waitFor();
  assert.deepEqual(await violations(frame), []);
});

test('roles, names and states are as a screen reader needs them', async (t) => {
  const page = await visit(t);
  const launcher = page.locator('.launcher');
  await launcher.waitFor();
  assert.equal(await launcher.getAttribute('aria-expanded'), 'false');
  await openChat(page);
  await page.getByRole('dialog', { name: 'Lantern & Pine' }).waitFor();
  assert.equal(await page.locator('[role=log]').getAttribute('aria-live'), 'polite');
  for (const name of ['Close chat', 'Attach a file', 'Send'])
    assert.equal(await page.getByRole('button', { name }).count(), 1, name);
  assert.equal(await page.getByRole('textbox', { name: 'Message' }).count(), 1);
  await ask(page, 'how do I return a broken item');
  assert.deepEqual(await page.locator('.who').allTextContents(), ['You', 'Assistant']);
});

test("the host page's styles do not reach the chat", async (t) => {
  const page = await visit(t, { reducedMotion: 'reduce' });
  await openChat(page);
  const styles = () =>
    page.locator('.panel, .hello strong, textarea').evaluateAll((nodes) =>
      nodes.map((node) => {
        const { color, fontSize, fontFamily, direction, lineHeight, textAlign, display, opacity } =
          getComputedStyle(node);
        return {
          color,
          fontSize,
          fontFamily,
          direction,
          lineHeight,
          textAlign,
          display,
          opacity,
          box: JSON.stringify(node.getBoundingClientRect()),
        };
      }),
    );
  const before = await styles();
  await page.addStyleTag({
    content: `body *, body > div { all: revert; color: red !important; font: 40px/3 cursive !important; direction: rtl !important;
    text-align: right !important; transform: rotate(3deg) !important; opacity: .5 !important; position: relative !important; filter: blur(1px) !important }`,
  });
  assert.deepEqual(await styles(), before);
});

test('a dark page has a dark chat', async (t) => {
  const page = await visit(t, { colorScheme: 'dark' });
  await openChat(page);
  const [background, text] = await page.locator('.panel').evaluate((panel) => {
    const style = getComputedStyle(panel);
    return [style.backgroundColor, style.color].map((color) =>
      color
        .match(/\d+/g)
        .slice(0, 3)
        .reduce((sum, part) => sum + Number(part), 0),
    );
  });
  assert.ok(background < 150 && text > 600, `${background} ${text}`);
});

test('the page language decides the chat language, in both directions', async (t) => {
  const page = await visit(t, { path: '/?lang=zh' });
  await openChat(page);
  assert.equal(await page.locator('textarea').getAttribute('placeholder'), '输入消息…');
  await page.goto(`${stack.sandbox_url}/?lang=en`);
  await page.locator('.panel').waitFor();
  assert.equal(await page.locator('textarea').getAttribute('placeholder'), 'Write a message…');
});

test('on a phone the chat fills the screen and holds the page still', async (t) => {
  const page = await visit(t, {
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
    reducedMotion: 'reduce',
  });
  await openChat(page);
  assert.deepEqual(await page.locator('.panel').boundingBox(), { x: 0, y: 0, width: 390, height: 844 });
  assert.equal(await page.locator('.panel').getAttribute('aria-modal'), 'true');
  assert.equal(await page.evaluate(() => document.documentElement.style.overflow), 'hidden');
  await page.getByRole('button', { name: 'Close chat' }).click();
  assert.equal(await page.evaluate(() => document.documentElement.style.overflow), '');
});

test('says that it is offline, and sends when it is online again', async (t) => {
  const page = await visit(t);
  await openChat(page);
  await ask(page, 'how do I return a broken item');
  await page.context().setOffline(true);
  await page.locator('.banner').waitFor();
  assert.match(await page.locator('.banner').innerText(), /You are offline/);
  await page.locator('textarea').fill('Can I get an invoice?');
  await page.keyboard.press('Enter');
  await page.locator('.row.customer', { hasText: 'Sending' }).waitFor();
  await shot(page, 'offline');
  await page.context().setOffline(false);
  await page.locator('.row.bot').nth(1).waitFor();
  await until(async () => !(await page.locator('.banner').isVisible()), 'the banner goes');
});

/** A file as it travels; `fetch` would unpack it. */
async function served(url, encoding) {
  const { get } = await import(url.startsWith('https:') ? 'node:https' : 'node:http');
  const response = await new Promise((done, failed) => {
    get(url, { headers: { 'accept-encoding': encoding } }, done).on('error', failed);
  });
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

test('the widget is at most 20 kB of gzip, and what never changes is cached for ever', async () => {
  const loader = await (await fetch(`${stack.api_url}/widget.js`)).text();
  const path = loader.match(/static\/[\w.-]+\.js/)?.[0];
  assert.ok(path, 'the loader names the script');
  const plain = await served(`${stack.api_url}/${path}`, 'identity');
  const packed = await served(`${stack.api_url}/${path}`, 'gzip, deflate, br');
  const sizes = { travels: packed.body.length, zlib: gzipSync(plain.body, { level: 9 }).length };
  console.log(`widget: ${plain.body.length} bytes, ${sizes.travels} as it travels, ${sizes.zlib} by zlib`);
  for (const [name, size] of Object.entries(sizes)) assert.ok(size <= 20_000, `${name}: ${size} bytes`);
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.ok(gunzipSync(packed.body).equals(plain.body), 'both are the same script');
  for (const { status, headers } of [plain, packed]) {
    assert.equal(status, 200);
    assert.match(headers['cache-control'], /immutable/);
    assert.match(headers['content-type'], /javascript/);
    assert.match(headers.vary, /accept-encoding/i);
  }
});
