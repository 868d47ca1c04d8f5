// What the browser tests share: the stack under test, a browser, pages that record their faults, and the visitor API.
//
//   FRONTDESK_STACK_JSON  the running stack (default: target/local/stack.json)
//   CHROMIUM              the browser (default: /usr/bin/chromium)
//   FRONTDESK_NPM         where package.json's packages are installed (default: target/local/npm)
//   FRONTDESK_SHOTS       where screenshots go (default: target/local/shots)
//
// Run: node tests/browser/run.mjs
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { local, require } from './packages.mjs';

const shots = process.env.FRONTDESK_SHOTS ?? fileURLToPath(new URL('shots', local));

/** @type {{api_url: string, socket_url: string, sandbox_url: string, channels: Record<string, any>}} */
export const stack = JSON.parse(readFileSync(process.env.FRONTDESK_STACK_JSON ?? new URL('stack.json', local), 'utf8'));
stack.sandbox_url = stack.sandbox_url.replace(/\/$/, '');

/** Longest wait for anything that goes through the pipeline. */
export const PATIENCE = 30_000;

let launched;

export function browser() {
  launched ??= require('playwright-core').chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return launched;
}
after(async () => (await launched)?.close());

/**
 * Opens a page of the shop as a visitor of its own; console errors, exceptions and dialogs are kept in `page.faults`.
 * @param {import('node:test').TestContext} t
 */
export async function visit(
  t,
  { path = '/?lang=en', from = stack.sandbox_url, prepare = async () => {}, ...options } = {},
) {
  const context = await (
    await browser()
  ).newContext({ viewport: { width: 1280, height: 860 }, locale: 'en-US', ...options });
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.faults = [];
  page.on(
    'console',
    (message) => message.type() === 'error' && page.faults.push(`${message.text()} ${message.location().url}`),
  );
  page.on('pageerror', (error) => page.faults.push(String(error.stack)));
  page.on('dialog', (dialog) => {
    page.faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await prepare(page);
  await page.goto(from + path);
  return page;
}

/** Opens the chat and waits until its socket stands or the conversation is loaded. */
export async function openChat(page) {
  await page.locator('#frontdesk .launcher').click();
  await page.locator('#frontdesk .panel').waitFor();
}

/** The answers on the page. */
export const answers = (page) => page.locator('.row.bot .bubble');

/** Writes a question and returns the next answer's text. */
export async function ask(page, question) {
  const before = await answers(page).count();
  await page.locator('textarea').fill(question);
  await page.locator('textarea').press('Enter');
  const answer = answers(page).nth(before);
  await answer.waitFor();
  return answer.innerText();
}

/** Waits until `probe` gives something true; fails after the deadline with what it gave last. */
export async function until(probe, what, deadline = PATIENCE) {
  const end = Date.now() + deadline;
  for (;;) {
    const found = await probe();
    if (found) return found;
    assert.ok(Date.now() < end, `not within ${deadline} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** The session that the page's widget keeps. */
export function sessionOf(page) {
  return until(
    () =>
      page.evaluate(() => {
        const key = Object.keys(localStorage).find((name) => /^frontdesk:(?!.*:view$)/.test(name));
        return key && JSON.parse(localStorage.getItem(key));
      }),
    'a stored session',
  );
}

/** One call of the visitor API without a browser. */
export async function api(method, path, { token, body, origin } = {}) {
  const response = await fetch(stack.api_url + path, {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
      ...(origin && { origin }),
    },
    body: body && JSON.stringify(body),
  });
  return { status: response.status, body: await response.json().catch(() => null) };
}

export async function newSession(locale = 'en') {
  const made = await api('POST', '/v1/sessions', { body: { locale } });
  assert.equal(made.status, 201);
  return made.body;
}

export const sendText = (token, text, client_id = randomUUID()) =>
  api('POST', '/v1/messages', { token, body: { client_id, content: { type: 'text', text } } });

/** All messages of a visitor, once there are at least `count`. */
export function messages(token, count) {
  return until(
    async () => {
      const all = [];
      for (;;) {
        const page = await api('GET', `/v1/messages?after=${all.at(-1)?.seq ?? 0}&wait=${all.length < count ? 5 : 0}`, {
          token,
        });
        assert.equal(page.status, 200);
        if (!page.body.messages.length) return all.length >= count && all;
        all.push(...page.body.messages);
      }
    },
    `${count} messages`,
    4 * PATIENCE,
  );
}

/** Keeps a picture for people to look at. */
export async function shot(page, name) {
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: `${shots}/${name}.png` });
}

/** Serves the shop's own files from another port: the same page, a foreign origin. */
export async function foreignShop(t) {
  const server = createServer(async (request, response) => {
    const file = await fetch(stack.sandbox_url + request.url);
    response.writeHead(file.status, { 'content-type': file.headers.get('content-type') ?? 'text/plain' });
    response.end(Buffer.from(await file.arrayBuffer()));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}

/** Everything in the document and its shadow trees that could run or lead somewhere else. */
export const dangers = (page) =>
  page.evaluate(() => {
    const found = [];
    const walk = (tree) => {
      for (const node of tree.querySelectorAll('*')) {
        const ours = tree !== document;
        if (
          ours &&
          /^(script|iframe|object|embed|base|link|meta|style|foreignObject|animate|set|math)$/i.test(node.localName)
        )
          found.push(node.outerHTML);
        for (const { name, value } of node.attributes) {
          if (/^on/i.test(name) || name === 'srcdoc') found.push(`${node.localName} ${name}`);
          if (
            /^(href|src|xlink:href|action|formaction)$/.test(name) &&
            ours &&
            !/^(https?|blob|mailto|tel):/.test(node[name] ?? value)
          ) {
            found.push(`${node.localName} ${name}=${value}`);
          }
        }
        if (node.localName === 'a' && ours && node.target === '_blank' && node.rel !== 'noopener noreferrer')
          found.push(node.outerHTML);
        if (node.shadowRoot) walk(node.shadowRoot);
      }
    };
    walk(document);
    return [found, window.hit ?? null];
  });

/** Lets a page's visitor have these messages; nothing beyond this machine is called. */
export const holding = (list) => async (page) => {
  await page.route(/^https?:\/\/(?!127)/, (route) => route.fulfill({ body: '' }));
  await page.route(/\/v1\/messages\?/, (route) => {
    const after = Number(new URL(route.request().url()).searchParams.get('after'));
    return route.fulfill({
      json: { messages: list.filter(({ seq }) => seq > after), last: list.length },
      headers: { 'access-control-allow-origin': '*' },
    });
  });
};
