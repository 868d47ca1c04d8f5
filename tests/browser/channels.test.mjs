// The page of all channels: one question asked everywhere, answered alike, drawn as each channel draws it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './axe.mjs';
import { PATIENCE, shot, stack, until, visit } from './support.mjs';

const CHANNELS = Object.entries(stack.channels)
  // A telephone greets before it answers.
  .filter(([name, channel]) => channel.webhook_url && name !== 'voice')
  .map(([name]) => name);
const LONG = 4 * PATIENCE;

const phone = (page, channel) => page.locator(`.phone[data-channel="${channel}"]`);
const answer = (page, channel) => phone(page, channel).locator('.theirs .bubble').first();

/** The words of a text without what numbers or separates choices. */
const words = (text) => text.split('\n')[0].trim();

async function askEverywhere(page, question) {
  await page.locator('#question').fill(question);
  await page.locator('#question').press('Enter');
  for (const channel of CHANNELS) await answer(page, channel).waitFor({ timeout: LONG });
}

test('one question gets the same answer on every channel and on the web', async (t) => {
  const page = await visit(t, { path: '/channels/?lang=en', viewport: { width: 1500, height: 1000 } });
  const frame = page.frameLocator('.phone[data-channel="web"] iframe');
  await frame.locator('textarea').waitFor();
  await askEverywhere(page, 'how do I return a broken item');
  const web = await frame.locator('.row.bot .bubble').first().innerText({ timeout: LONG });
  for (const channel of CHANNELS) {
    const said = await answer(page, channel).innerText();
    assert.equal(words(said), words(web), channel);
  }
  // Choices are drawn where the channel has them, and written where it has not.
  const quick = await phone(page, 'messenger').locator('.choices.quick button').allInnerTexts();
  assert.ok(quick.length > 0);
  assert.equal(await phone(page, 'weibo').locator('.choices').count(), 0);
  const numbered = (await phone(page, 'weibo').locator('.theirs .bubble').allInnerTexts()).join('\n');
  quick.forEach((title, i) => assert.match(numbered, new RegExp(`${i + 1}\\. ${title}`)));
  assert.equal(await phone(page, 'whatsapp').locator('.tick.taken').count(), 1);
  assert.deepEqual(page.faults, []);
  await shot(page, 'channels-light-en');
});

test('a button is taken, and so is a number where there are none', async (t) => {
  const page = await visit(t, { path: '/channels/?lang=en' });
  await askEverywhere(page, 'how do I return a broken item');
  const first = await answer(page, 'telegram').innerText();
  await phone(page, 'telegram').locator('.choices button').first().click();
  // The line of a menu inside the message itself.
  await phone(page, 'wecom').locator('.theirs .bubble .choices.menu button').first().click();
  await phone(page, 'weibo').locator('.write input').fill('1');
  await phone(page, 'weibo').locator('.write input').press('Enter');
  const second = (channel) => phone(page, channel).locator('.mine:has-text("1"), .mine').last().locator('~ .theirs .bubble').first();
  for (const channel of ['telegram', 'wecom', 'weibo']) {
    await second(channel).waitFor({ timeout: LONG });
    assert.notEqual(words(await second(channel).innerText()), words(first), channel);
  }
  assert.equal(words(await second('weibo').innerText()), words(await second('telegram').innerText()));
  assert.equal(words(await second('wecom').innerText()), words(await second('telegram').innerText()));
});

test("the webhook's address is verified, and a colleague answers in the provider's inbox", async (t) => {
  const page = await visit(t, { path: '/channels/?lang=en' });
  const option = async (channel, name) => {
    await phone(page, channel).locator('.options summary').click();
    await phone(page, channel).getByRole('button', { name }).click();
  };
  for (const channel of ['wechat', 'wecom', 'weibo', 'line', 'messenger']) {
    await option(channel, 'Verify the URL');
    await phone(page, channel).locator('.notice:has-text("is verified")').waitFor({ timeout: LONG });
  }
  for (const channel of ['wecom', 'messenger']) {
    const say = async (text) => {
      await phone(page, channel).locator('.write input').fill(text);
      await phone(page, channel).locator('.write input').press('Enter');
    };
    await say('do you ship abroad?');
    await answer(page, channel).waitFor({ timeout: LONG });
    await option(channel, /A colleague answers/);
    await phone(page, channel).locator('.theirs:has-text("Colleague")').waitFor({ timeout: LONG });
  }
  // Its message has arrived, which nobody had to say by hand; that it was read, somebody must.
  await phone(page, 'messenger').locator('.receipts [title="Mark as delivered"]:disabled').waitFor({ timeout: LONG });
  assert.equal(await phone(page, 'messenger').locator('.receipts [title="Mark as read"]:disabled').count(), 0);
  assert.deepEqual(page.faults, []);
});

test("an account's menu is a press of a key, and a receipt goes to the company", async (t) => {
  const page = await visit(t, { path: '/channels/?lang=en' });
  await phone(page, 'wechat').locator('.menu button').first().click();
  await answer(page, 'wechat').waitFor({ timeout: LONG });
  assert.match(await phone(page, 'wechat').locator('.notice').first().innerText(), /Shipping/);
  await phone(page, 'whatsapp').locator('.write input').fill('do you ship abroad?');
  await phone(page, 'whatsapp').locator('.write input').press('Enter');
  await answer(page, 'whatsapp').waitFor({ timeout: LONG });
  const said = page.waitForResponse((response) => response.url().endsWith('/say'));
  await phone(page, 'whatsapp').getByRole('button', { name: 'Mark as read' }).click();
  const told = await (await said).json();
  assert.equal(told.accepted, true);
  const [status] = told.event.statuses;
  assert.equal(status.status, 'read');
  assert.ok(status.biz_opaque_callback_data, 'what the company wrote on its message comes back');
});

test('the drawer shows what a provider was asked, and a fault of its is survived', async (t) => {
  const page = await visit(t, { path: '/channels/?lang=en' });
  await page.getByRole('button', { name: /API calls/ }).click();
  await page.locator('.faults select[name=provider]').selectOption('line');
  await page.locator('.faults select[name=mode]').selectOption('500');
  await page.locator('.faults button').click();
  await until(async () => (await page.locator('[data-due]').innerText()).includes('LINE'), 'the fault is due');
  await phone(page, 'line').locator('.write input').fill('do you ship abroad?');
  await phone(page, 'line').locator('.write input').press('Enter');
  await answer(page, 'line').waitFor({ timeout: LONG });
  const statuses = page.locator('.calls li:has(.of[data-channel="line"]) .status');
  await until(async () => (await statuses.count()) >= 2, 'the failed call and the one that came through');
  assert.ok((await statuses.allInnerTexts()).includes('500'));
  await page.locator('.calls summary').first().click();
  assert.match(await page.locator('.calls pre').nth(1).innerText(), /messages/);
  assert.equal(await phone(page, 'line').locator('.theirs .bubble').count(), 1);
  await page.locator('.drawer').press('Escape');
  assert.equal(await page.locator('.drawer').isVisible(), false);
});

const looks = [
  { name: 'light-zh', path: '/channels/?lang=zh', colorScheme: 'light', viewport: { width: 1500, height: 1000 } },
  { name: 'dark-en', path: '/channels/?lang=en', colorScheme: 'dark', viewport: { width: 1500, height: 1000 } },
  {
    name: 'dark-zh-phone',
    path: '/channels/?lang=zh',
    colorScheme: 'dark',
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
  },
];

for (const { name, path, ...options } of looks) {
  test(`axe-core finds nothing on the channels' page: ${name}`, async (t) => {
    const page = await visit(t, { path, reducedMotion: 'reduce', ...options });
    await phone(page, 'wechat').waitFor();
    assert.deepEqual(await violations(page), []);
    await askEverywhere(page, path.includes('zh') ? '收到的东西坏了怎么退？' : 'how do I return a broken item');
    assert.deepEqual(await violations(page), []);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `the page is ${wide} px too wide`);
    await shot(page, `channels-${name}`);
    await page.getByRole('button', { name: path.includes('zh') ? /接口调用/ : /API calls/ }).click();
    await page.locator('.calls summary').first().click();
    assert.deepEqual(await violations(page), []);
    await shot(page, `channels-drawer-${name}`);
  });
}

test('the theme can be chosen, and stays', async (t) => {
  const page = await visit(t, { path: '/channels/?lang=en', colorScheme: 'light' });
  await page.getByRole('button', { name: 'Dark' }).click();
  const dark = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  assert.equal(await dark(), 'dark');
  await page.reload();
  assert.equal(await dark(), 'dark');
  await page.getByRole('button', { name: 'Light' }).click();
  assert.equal(await dark(), 'light');
});

test('a telephone greets, listens, takes keys and hangs up', async (t) => {
  const page = await visit(t, { path: '/channels/?lang=en' });
  const dialler = phone(page, 'voice');
  const heard = (text) => dialler.locator('.theirs .bubble', { hasText: text }).first().waitFor({ timeout: LONG });
  await dialler.getByRole('button', { name: 'Call', exact: true }).click();
  await heard('For English, press 2');
  await dialler.locator('.keys').getByRole('button', { name: '2', exact: true }).click();
  await heard('Lantern and Pine');
  await dialler.locator('.write input').fill('how do I return a broken item');
  await dialler.locator('.write input').press('Enter');
  await heard('press 1');
  await dialler.getByRole('button', { name: 'Hang up', exact: true }).click();
  await dialler.locator('.notice', { hasText: 'Hang up' }).waitFor();
  assert.deepEqual(page.faults, []);
});

test('a picture and a voice note are sent, and the note is answered', async (t) => {
  const page = await visit(t, { path: '/channels/?lang=en', viewport: { width: 1500, height: 1000 } });
  for (const channel of ['telegram', 'whatsapp', 'line', 'wechat']) {
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      phone(page, channel).getByRole('button', { name: /Send a picture/ }).click(),
    ]);
    const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==', 'base64');
    await chooser.setFiles({ name: 'broken.png', mimeType: 'image/png', buffer: png });
    await phone(page, channel).locator('.mine .bubble', { hasText: '[Picture] broken.png' }).waitFor({ timeout: LONG });
    await answer(page, channel).waitFor({ timeout: LONG });
    const before = await phone(page, channel).locator('.theirs').count();
    await phone(page, channel).getByRole('button', { name: /Send a voice note/ }).click();
    await phone(page, channel).locator('.mine .bubble', { hasText: '[Voice note]' }).waitFor({ timeout: LONG });
    await until(async () => (await phone(page, channel).locator('.theirs').count()) > before, `the answer on ${channel}`, LONG);
  }
  assert.equal(await phone(page, 'weibo').getByRole('button', { name: /Send a picture/ }).count(), 0);
  assert.deepEqual(page.faults, []);
  await shot(page, 'channels-files-en');
});
