// The drawer: the calls that providers received, and how they are made to misbehave.

import { element, find } from './elements.js';
import { clear, dueFaults, setFault } from './sandbox.js';
import { APPS, locale, texts } from './texts.js';

const MODES = /** @type {const} */ (['ok', '500', '429', 'hang', 'delay', 'lost']);
/** Most calls that are listed. */
const MOST = 200;

const drawer = find('#drawer');
const list = find('[data-calls]');
const count = find('[data-count]');
const toggle = find('[data-drawer-switch]');
const form = /** @type {HTMLFormElement} */ (find('[data-faults]'));
/** @type {Map<number, HTMLElement>} */
const rows = new Map();
let calls = 0;

/** @param {boolean} open */
function show(open) {
  drawer.hidden = !open;
  toggle.setAttribute('aria-expanded', String(open));
  document.body.classList.toggle('with-drawer', open);
  (open ? find('[data-drawer-close]') : toggle).focus();
}

/** @param {any} due */
function showDue(due) {
  const each = Object.entries(due).map(
    ([provider, fault]) => `${APPS[provider]?.[locale] ?? provider} ${texts[fault.mode] ?? fault.mode} × ${fault.count}`,
  );
  find('[data-due]').textContent = each.length ? texts.due + each.join(locale === 'zh' ? '，' : ', ') : '';
}

const refreshDue = () =>
  dueFaults()
    .then(showDue)
    .catch(() => {});

/** @param {string[]} channels */
export function startDrawer(channels) {
  for (const channel of channels) form.provider.append(element('option', { value: channel }, APPS[channel]?.[locale] ?? channel));
  for (const mode of MODES) form.mode.append(element('option', { value: mode }, texts[mode]));
  form.mode.value = '500';
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const fields = new FormData(form);
    showDue(await setFault({ provider: fields.get('provider'), mode: fields.get('mode'), count: Number(fields.get('count')) }));
  });
  toggle.addEventListener('click', () => show(drawer.hidden));
  find('[data-drawer-close]').addEventListener('click', () => show(false));
  drawer.addEventListener('keydown', (event) => event.key === 'Escape' && show(false));
  find('[data-clear]').addEventListener('click', async () => {
    await clear();
    rows.clear();
    calls = 0;
    count.textContent = '0';
    list.replaceChildren(element('li', { class: 'none' }, texts.none));
  });
  list.append(element('li', { class: 'none' }, texts.none));
  void refreshDue();
}

/** @param {any} entry */
export function told(entry) {
  if (entry.kind === 'call') received(entry);
  if (entry.kind === 'answered') {
    const row = rows.get(entry.call);
    if (row) mark(row, entry.status);
    void refreshDue();
  }
}

/** @param {any} entry */
function received(entry) {
  list.querySelector('.none')?.remove();
  calls += 1;
  count.textContent = String(calls);
  const status = element('span', { class: 'status' }, '…');
  const at = new Date(entry.time).toLocaleTimeString(locale);
  const summary = element(
    'summary',
    {},
    element('span', { class: 'of', 'data-channel': entry.channel }, APPS[entry.channel]?.[locale] ?? entry.channel),
    element('code', {}, `${entry.method} ${entry.path}`),
    status,
    element('time', {}, at),
  );
  const headers = Object.entries(entry.headers).map(([name, value]) => `${name}: ${value}`);
  const parts = element('dl', {});
  for (const [title, text] of /** @type {Array<[string, string]>} */ ([
    [texts.headers, [entry.query && `?${entry.query}`, ...headers].filter(Boolean).join('\n')],
    [texts.body, pretty(entry.body)],
    [texts.answer, entry.answer === undefined ? '' : pretty(entry.answer)],
  ])) {
    if (text) parts.append(element('dt', {}, title), element('dd', {}, element('pre', { tabIndex: 0 }, text)));
  }
  const row = element('li', {}, element('details', {}, summary, parts));
  if (entry.status !== undefined) mark(row, entry.status);
  if (entry.fault) summary.append(element('span', { class: 'befallen' }, texts[entry.fault] ?? entry.fault));
  rows.set(entry.id, row);
  list.prepend(row);
  while (list.children.length > MOST) list.lastElementChild.remove();
}

/** @param {HTMLElement} row @param {number} status */
function mark(row, status) {
  const shown = /** @type {HTMLElement} */ (row.querySelector('.status'));
  shown.textContent = String(status);
  shown.classList.toggle('bad', status >= 400);
}

/** @param {string} text */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
