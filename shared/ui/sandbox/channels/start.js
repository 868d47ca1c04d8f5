// The page of all channels: a phone for each, the web chat beside them, and one box that asks everywhere.

import { Dialler } from './dialler.js';
import { startDrawer, told } from './drawer.js';
import { element, find } from './elements.js';
import { Mailbox } from './mailbox.js';
import { Phone } from './phone.js';
import { follow, identity } from './sandbox.js';
import { APPS, ideas, locale, texts } from './texts.js';

const stack = window.FRONTDESK_STACK;
const channels = Object.keys(APPS).filter((channel) => stack?.channels?.includes(channel));
/** @type {Map<string, Phone | Mailbox>} */
const phones = new Map();
/** How the web chat's visitor is asked for. @type {((text: string) => Promise<void>) | null} */
let askWeb = null;

function words() {
  document.documentElement.lang = { zh: 'zh-CN', en: 'en' }[locale];
  document.title = `${texts.title} · Frontdesk`;
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-text]')))
    place.textContent = texts[/** @type {keyof typeof texts} */ (place.dataset.text)];
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-label]')))
    place.setAttribute('aria-label', texts[/** @type {keyof typeof texts} */ (place.dataset.label)]);
  find('#question').placeholder = texts.askLabel;
  const other = locale === 'zh' ? 'en' : 'zh';
  const language = find('[data-language]');
  language.textContent = texts.language;
  language.href = `?lang=${other}`;
  language.hreflang = language.lang = other === 'zh' ? 'zh-CN' : 'en';
  find('nav a').search = `lang=${locale}`;
}

/** Light or dark: as the system has it, until somebody chooses. */
function theme() {
  const button = find('[data-theme-switch]');
  const system = matchMedia('(prefers-color-scheme: dark)');
  const dark = () => (document.documentElement.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';
  const refresh = () => {
    button.textContent = dark() ? texts.light : texts.dark;
  };
  const kept = sessionStorage.getItem('sandbox-theme');
  if (kept) document.documentElement.dataset.theme = kept;
  button.addEventListener('click', () => {
    const next = dark() ? 'light' : 'dark';
    document.documentElement.dataset.theme = next;
    sessionStorage.setItem('sandbox-theme', next);
    refresh();
  });
  system.addEventListener('change', refresh);
  refresh();
}

/** @param {string} text */
function fault(text) {
  const place = find('[data-fault]');
  place.textContent = text;
  place.hidden = !text;
}

/** The widget in a frame; the page signs in as the same customer, so that it can ask for them. */
async function web() {
  const jwt = await identity();
  const frame = element('iframe', { title: locale === 'zh' ? '网页聊天' : 'Web chat' });
  frame.src = `${stack?.chat_url}?locale=${locale}#identity=${encodeURIComponent(jwt)}`;
  const name = element('h2', {}, locale === 'zh' ? '网页聊天' : 'Web chat');
  const head = element('header', {}, element('span', { class: 'face', 'aria-hidden': 'true' }), name);
  const pane = element('section', { class: 'phone', 'data-channel': 'web', 'aria-label': name.textContent ?? '' }, head, frame);
  find('[data-phones]').prepend(pane);
  const post = async (/** @type {string} */ path, /** @type {object} */ body, token = '') => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const response = await fetch(`${stack?.api_url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response.json();
  };
  let session = '';
  askWeb = async (text) => {
    session ||= (await post('/v1/sessions', { locale, identity: jwt })).token;
    await post('/v1/messages', { client_id: crypto.randomUUID(), content: { type: 'text', text } }, session);
  };
}

/** @param {string} text */
function askAll(text) {
  for (const phone of phones.values()) void phone.say({ text });
  askWeb?.(text).catch((error) => fault(error.message));
}

words();
theme();
startDrawer(channels);
/** What is no chat. @type {Record<string, new (channel: string) => Phone | Mailbox>} */
const OTHERS = { voice: Dialler, email: Mailbox };
for (const channel of channels) {
  const phone = new (OTHERS[channel] ?? Phone)(channel);
  phones.set(channel, phone);
  find('[data-phones]').append(phone.root);
}
const form = find('[data-ask-all]');
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const text = form.question.value.trim();
  if (!text) return;
  form.question.value = '';
  askAll(text);
});
for (const idea of ideas) {
  const button = element('button', { type: 'button' }, idea);
  button.addEventListener('click', () => askAll(idea));
  find('[data-ideas]').append(element('li', {}, button));
}
if (stack?.chat_url) web().catch((error) => fault(error.message));
void follow(
  (entry) => {
    phones.get(entry.channel)?.happened(entry);
    told(entry);
  },
  (online) => fault(online ? '' : texts.offline),
);
