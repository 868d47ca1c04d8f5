// The mailbox on the page of all channels: mails are written with files, answered, read as they came; by keyboard, too.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { violations } from './axe.mjs';
import { PATIENCE, shot, until, visit } from './support.mjs';

const LONG = 4 * PATIENCE;
const box = (page) => page.locator('.phone[data-channel="email"]');
const mails = (page, whose) => box(page).locator(`.mail.${whose}`);

/** Waits until so many mails of the company stand in the thread that is open. */
const answered = (page, count) =>
  until(async () => (await mails(page, 'theirs').count()) === count, `answer ${count}`, LONG);

async function write(page, { subject, text, ...more }) {
  await box(page).getByRole('button', { name: 'Write', exact: true }).click();
  await fill(page, { Subject: subject, Message: text, ...more });
}

async function fill(page, fields) {
  const form = box(page).locator('form.letter');
  for (const [name, value] of Object.entries(fields)) {
    // A label's text to Playwright is that of the choices inside it, too.
    const field = form.locator(`label:has(> span:text-is("${name}")) :is(input, select, textarea)`);
    if (name === 'Attachments') await field.setInputFiles(value);
    else if (await field.evaluate((one) => one.localName === 'select')) await field.selectOption(value);
    else await field.fill(value);
  }
  await form.getByRole('button', { name: 'Send' }).click();
  await form.waitFor({ state: 'detached' });
}

test('a mail with a file is answered, and so is the reply, in one thread', async (t) => {
  const page = await visit(t, { path: '/channels/?lang=en', viewport: { width: 1500, height: 1000 } });
  const csv = { name: '账单.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2\n') };
  await write(page, { subject: 'My order', text: 'how do I return a broken item', Attachments: csv });
  await answered(page, 1);
  assert.match(await mails(page, 'mine').first().innerText(), /账单\.csv · 8 B/);
  await mails(page, 'mine').first().locator('.handed').waitFor();
  assert.match(await mails(page, 'theirs').locator('.badge').innerText(), /automatic/);
  const first = await mails(page, 'theirs').locator('.words').innerText();
  assert.ok(first.length > 20);

  await mails(page, 'theirs').getByRole('button', { name: 'Reply' }).click();
  const form = box(page).locator('form.letter');
  assert.equal(await form.getByLabel('Subject').inputValue(), 'Re: My order');
  const quote = await form.getByLabel('Message').inputValue();
  assert.match(quote, /^\n\nOn .* wrote:\n> /);
  await fill(page, { Message: `do you ship abroad?${quote}` });
  await answered(page, 2);
  assert.equal(await box(page).locator('.threads li').count(), 1, 'one thread');
  const second = await mails(page, 'theirs').nth(1).locator('.words').innerText();
  assert.notEqual(second, first, 'what is quoted is not asked again');

  // The source is what was sent: the answer names the reply that it answers.
  const source = async (mail) => {
    await mail.getByRole('button', { name: 'Source' }).click();
    await until(async () => (await mail.locator('.source').innerText()).includes('Message-ID:'), 'the source');
    return mail.locator('.source').innerText();
  };
  const asked = await source(mails(page, 'mine').nth(1));
  const id = asked.match(/Message-ID: (<.+>)/)[1];
  const answer = await source(mails(page, 'theirs').nth(1));
  assert.ok(answer.includes(`In-Reply-To: ${id}`) && answer.includes('Auto-Submitted: auto-replied'), answer);
  assert.match(answer, /multipart\/alternative/);
  assert.deepEqual(page.faults, []);
  await shot(page, 'mailbox-source-en');
});

test('threads stay apart, and one in which nobody looks is marked', async (t) => {
  const page = await visit(t, { path: '/channels/?lang=en' });
  await write(page, { subject: 'First', text: 'how do I return a broken item' });
  await answered(page, 1);
  await write(page, { subject: 'Second', text: 'do you ship abroad?', To: 'sales@shop.example' });
  await answered(page, 1);
  const lines = box(page).locator('.threads button');
  assert.deepEqual(
    (await lines.locator('strong').allInnerTexts()).map((title) => title.replace('● ', '')),
    ['Second', 'First'],
  );
  assert.match(await mails(page, 'mine').innerText(), /sales@shop\.example/);
  // Asked in the first, and looking at the second while the answer comes.
  await lines.nth(1).click();
  await mails(page, 'theirs').getByRole('button', { name: 'Reply' }).click();
  await fill(page, { Message: 'and do you ship abroad?' });
  await lines.filter({ hasText: 'Second' }).click();
  const first = lines.filter({ hasText: 'First' });
  await until(async () => (await first.getAttribute('class'))?.includes('unread'), 'the mark', LONG);
  await first.click();
  await answered(page, 2);
  assert.ok(!(await first.getAttribute('class'))?.includes('unread'));
  assert.deepEqual(page.faults, []);
});

test('a question that is asked everywhere is a mail, too, with the same answer', async (t) => {
  const page = await visit(t, { path: '/channels/?lang=en' });
  await page.locator('#question').fill('how do I return a broken item');
  await page.locator('#question').press('Enter');
  await answered(page, 1);
  assert.equal(await box(page).locator('h3').innerText(), 'how do I return a broken item');
  const chat = page.locator('.phone[data-channel="line"] .theirs .bubble').first();
  await chat.waitFor({ timeout: LONG });
  const first = (text) => text.split('\n')[0].trim();
  assert.equal(first(await mails(page, 'theirs').locator('.words').innerText()), first(await chat.innerText()));
});

test('an out-of-office and spam are not answered; another sender is shown, too', async (t) => {
  const page = await visit(t, { path: '/channels/?lang=en' });
  const from = `mailbox-${randomUUID()}@example.com`;
  const form = box(page).locator('form.letter');
  await box(page).getByRole('button', { name: 'Write', exact: true }).click();
  await form.getByLabel('Automatic reply').check();
  await fill(page, { Subject: 'Away', Message: 'how do I return a broken item', From: from });
  await write(page, { subject: 'Cheap', text: 'how do I return a broken item', From: from, 'Found on arrival': 'spam=FAIL' });
  // What comes after these in the same person's order marks the end of what they could have caused.
  await write(page, { subject: 'Question', text: 'do you ship abroad?', From: from });
  await answered(page, 1);
  const counts = box(page).locator('.threads .about');
  const told = (await counts.allInnerTexts()).map((text) => text.split(' ')[0]);
  assert.deepEqual(told, ['2', '1', '1'], 'only the question has an answer');
  assert.match(await mails(page, 'theirs').innerText(), new RegExp(from));
});

test('all of it can be done by keyboard, and a wrong address is told', async (t) => {
  const page = await visit(t, { path: '/channels/?lang=en' });
  const form = box(page).locator('form.letter');
  await box(page).getByRole('button', { name: 'Write', exact: true }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  assert.equal(await form.count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Write', 'the focus is back');
  await page.keyboard.press('Enter');
  await page.keyboard.type('By keyboard');
  await page.keyboard.press('Tab');
  await page.keyboard.type('how do I return a broken item');
  while ((await page.evaluate(() => document.activeElement?.textContent)) !== 'Send') await page.keyboard.press('Tab');
  await form.getByLabel('From', { exact: true }).fill('ann,bob@example.com');
  await form.evaluate((one) => (one.noValidate = true));
  await form.getByRole('button', { name: 'Send' }).press('Enter');
  await box(page).getByRole('alert').filter({ hasText: 'must be addresses' }).waitFor();
  await form.getByLabel('From', { exact: true }).fill(`keyboard-${randomUUID()}@example.com`);
  await form.getByRole('button', { name: 'Send' }).press('Enter');
  await answered(page, 1);
  assert.equal(await box(page).getByRole('alert').count(), 0);
  await box(page).locator('.threads button').focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-current')), 'true');
});

const QUESTION = { zh: '收到的东西坏了怎么退？', en: 'how do I return a broken item' };
const WIDE = { width: 1500, height: 1000 };
const looks = [
  { lang: 'zh', colorScheme: 'light', viewport: WIDE },
  { lang: 'en', colorScheme: 'dark', viewport: WIDE },
  { lang: 'en', colorScheme: 'light', viewport: WIDE },
  { lang: 'zh', colorScheme: 'dark', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
];

for (const { lang, ...options } of looks) {
  const name = `${options.colorScheme}-${lang}${options.isMobile ? '-phone' : ''}`;
  test(`axe-core finds nothing in the mailbox: ${name}`, async (t) => {
    const page = await visit(t, { path: `/channels/?lang=${lang}`, reducedMotion: 'reduce', ...options });
    await box(page).locator('header button').click();
    await box(page).scrollIntoViewIfNeeded();
    assert.deepEqual(await violations(page), []);
    await shot(page, `mailbox-write-${name}`);
    await box(page).locator('textarea').fill(QUESTION[lang]);
    await box(page).locator('form.letter button[type=submit]').click();
    await answered(page, 1);
    await mails(page, 'theirs').locator('footer button').last().click();
    await until(async () => (await mails(page, 'theirs').locator('.source').innerText()).length > 100, 'the source');
    assert.deepEqual(await violations(page), []);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `the page is ${wide} px too wide`);
    await box(page).scrollIntoViewIfNeeded();
    await shot(page, `mailbox-read-${name}`);
  });
}
