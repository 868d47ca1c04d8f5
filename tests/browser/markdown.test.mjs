// Answers are written in light Markdown. It is drawn by the rules of the other channels (shared/channels/src/markup): what
// is not surely markup is text, and no address leads where an answer may not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PAYLOADS } from './payloads.mjs';
import { dangers, holding, openChat, until, visit } from './support.mjs';

/** What is written, and what is drawn of it; links by their address alone. */
const DRAWN = [
  ['满**99元**包邮', '满<strong>99元</strong>包邮'],
  ['**注意：**请看', '<strong>注意：</strong>请看'],
  ['a *b* _c_ `d`', 'a <em>b</em> <em>c</em> <code>d</code>'],
  ['**a *b* c**', '<strong>a <em>b</em> c</strong>'],
  ['# Title\ntext', '<strong>Title</strong>\ntext'],
  ['## **Title**\r\ntext', '<strong><strong>Title</strong></strong>\ntext'],
  ['- a\n- **b**\nnext\n3. c\n4. d\n\nend', '<ul><li>a</li><li><strong>b</strong></li></ul>next<ol><li value="3">c</li><li value="4">d</li></ol>\nend'],
  ['[a](https://a.example/x_(y))', '<a href="https://a.example/x_(y)">a</a>'],
  ['**[a](https://a.example/)**!', '<strong><a href="https://a.example/">a</a></strong>!'],
  ['[a *b*](http://a.example/)', '<a href="http://a.example/">a <em>b</em></a>'],
  ['[https://a.example](https://b.example/)', '<a href="https://b.example/">https://a.example</a>'],
  ['[mail](mailto:a@b.example) [call](tel:+8613800138000)', '<a href="mailto:a@b.example">mail</a> <a href="tel:+8613800138000">call</a>'],
  ['看https://a.example/**b**/c_d_，', '看<a href="https://a.example/**b**/c_d">https://a.example/**b**/c_d</a>_，'],
  ['`**a** [b](https://c.example)`', '<code>**a** [b](https://c.example)</code>'],
  // Signs that mean themselves.
  ...['2*3*4', 'snake_case_name', '#1', '138****0000', '^_^ (*_*)', '***a***', '** a **', 'a ** b', '``a``', '` `', '1.5', '-5', '- ']
    .map((text) => [text, text]),
  ...['[a](javascript:alert(1))', '[a](data:text/html,x)', '[a](//a.example)', '[a](https://)', '[ ](https://)', '[a] (b)']
    .map((text) => [text, text]),
];

const conversation = (texts) =>
  texts.map((text, i) => ({
    id: `m${i}`,
    seq: i + 1,
    author: ['bot', 'agent'][i % 2],
    content: [{ type: 'text', text }, { type: 'buttons', text, buttons: [] }][(i >> 1) % 2],
    at: new Date().toISOString(),
  }));

async function shown(t, list) {
  const page = await visit(t, { prepare: holding(list) });
  await openChat(page);
  await until(async () => (await page.locator('.row').count()) === list.length, 'all rows');
  return page;
}

test('light Markdown is drawn, and what only looks like it stands as it is', async (t) => {
  const page = await shown(t, conversation(DRAWN.map(([text]) => text)));
  const drawn = await page.locator('.row .bubble').evaluateAll((nodes) =>
    nodes.map((node) => {
      for (const link of node.querySelectorAll('a')) {
        if (link.rel !== 'noopener noreferrer' || link.target !== '_blank') throw new Error(link.outerHTML);
        link.removeAttribute('rel');
        link.removeAttribute('target');
      }
      return node.innerHTML;
    }),
  );
  assert.deepEqual(
    drawn,
    DRAWN.map(([, html]) => html),
  );
  assert.deepEqual(page.faults, []);
});

test('payloads within markup are text, and lead nowhere', async (t) => {
  const texts = PAYLOADS.flatMap((text) => [
    `**${text}**`,
    `*${text}*`,
    `\`${text}\``,
    `- ${text}\n1. ${text}\n# ${text}`,
    `[x](${text})`,
    `[${text}](https://a.example/)`,
    `[x](https://a.example/${text})`,
    `[x](mailto:${text})`,
    `[x](javascript:window.hit=1//${text})`,
  ]);
  const schemes = ['javascript:', 'JaVaScRiPt:', ' javascript:', 'java\tscript:', 'data:text/html,', 'vbscript:', 'blob:', 'file:///'];
  texts.push(...schemes.map((scheme) => `[x](${scheme}window.hit=1)`), '[x](https://a"onmouseover="window.hit=1)');
  const page = await shown(t, conversation(texts));
  for (const link of await page.locator('.row a').all()) await link.dispatchEvent('mouseover');
  assert.deepEqual(await dangers(page), [[], null]);
  const ran = await page.locator('.row .bubble').evaluateAll((nodes) => nodes.flatMap((node) => [...node.querySelectorAll('*')])
    .map((node) => node.localName).filter((name) => !['a', 'strong', 'em', 'code', 'ul', 'ol', 'li'].includes(name)));
  assert.deepEqual(ran, []);
  assert.deepEqual(page.faults, []);
});

test('signs that never end are drawn at once', async (t) => {
  const texts = ['**a ', '*a ', '[a', '[a](https://a', '`a ', '_*`[('].map((part) => part.repeat(2000));
  const began = Date.now();
  const page = await shown(t, conversation(texts));
  assert.ok(Date.now() - began < 20_000, 'the page stood still');
  assert.equal(await page.locator('.row strong, .row em').count(), 0);
});

test('what a customer wrote stands as they wrote it', async (t) => {
  const written = '**not bold** [a](https://a.example/) - `x`';
  const page = await visit(t);
  await openChat(page);
  await page.locator('textarea').fill(written);
  await page.keyboard.press('Enter');
  const bubble = page.locator('.row.customer .bubble').first();
  await bubble.waitFor();
  assert.equal(await bubble.textContent(), written);
  assert.equal(await bubble.locator('strong, code').count(), 0);
});
