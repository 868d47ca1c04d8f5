// A channel's app on a phone.

import { base64, element, isWeb } from './elements.js';
import { check, say } from './sandbox.js';
import { APPS, kinds, locale, texts } from './texts.js';

/** How long an answer is waited for, in milliseconds. */
const PATIENCE = 40_000;

export class Phone {
  /** @param {string} channel */
  constructor(channel) {
    this.channel = channel;
    this.app = /** @type {(typeof APPS)[string]} */ (APPS[channel]);
    this.name = this.app[locale];
    /** Ticks of the visitor's messages, by the entry's id. @type {Map<number, HTMLElement>} */
    this.ticks = new Map();
    /** Receipts that the provider has told: status and message. @type {Set<string>} */
    this.known = new Set();
    this.log = element('div', { class: 'log', role: 'log', 'aria-label': this.name, tabIndex: 0 });
    this.empty = element('p', { class: 'hello' }, texts.hello);
    this.log.append(this.empty);
    this.field = element('input', { 'aria-label': `${texts.write}: ${this.name}`, placeholder: texts.write, maxLength: 2000 });
    this.field.autocomplete = 'off';
    const send = element('button', { type: 'submit', 'aria-label': `${texts.send}: ${this.name}` }, texts.send);
    const form = element('form', { class: 'write' }, ...(this.app.files ? this.files() : []), this.field, send);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const text = this.field.value.trim();
      if (!text) return;
      this.field.value = '';
      void this.say({ text });
    });
    const badge = element('span', { class: 'badge' }, texts.simulated);
    const head = element('header', {}, element('span', { class: 'face', 'aria-hidden': 'true' }), element('h2', {}, this.name), badge);
    if (this.app.accounts) head.append(this.numbers(this.app.accounts));
    if (this.app.acts || this.app.check) head.append(this.options());
    this.root = element('section', { class: 'phone', 'data-channel': channel, 'aria-label': this.name }, head, this.log);
    if (this.app.menu) this.root.append(this.menu());
    this.root.append(form);
  }

  /** What can happen besides messages. */
  options() {
    const acts = (this.app.acts ?? []).map((act) => ({ words: wordsOf(act), does: () => this.act(act) }));
    if (this.app.check) acts.push({ words: texts.check, does: () => this.check() });
    const buttons = acts.map(({ words, does }) => {
      const button = element('button', { type: 'button' }, words);
      button.addEventListener('click', () => {
        details.open = false;
        void does();
      });
      return button;
    });
    const summary = element('summary', { 'aria-label': `${texts.options}: ${this.name}` }, '⋯');
    const details = element('details', { class: 'options' }, summary, element('div', {}, ...buttons));
    return details;
  }

  /** @param {string} act */
  act(act) {
    // Who is unblocked follows again.
    if (act === 'unblock') return this.say({ event: 'follow' });
    return this.say({ event: act, ...(act === 'inbox' && { about: texts.colleagueSays }) });
  }

  /** The provider checks the webhook's address. */
  async check() {
    try {
      const { verified, status, error } = await check(this.channel);
      this.notice(verified ? texts.verified : texts.unverified + (error ?? status));
    } catch (error) {
      this.notice(/** @type {Error} */ (error).message);
    }
  }

  /** Which of the company's numbers is written to. @param {Record<string, string>} accounts */
  numbers(accounts) {
    const options = Object.entries(accounts).map(([value, name]) => element('option', { value }, name));
    this.number = element('select', { 'aria-label': `${texts.number}: ${this.name}` }, ...options);
    return this.number;
  }

  /** A picture of the person's choosing, and a voice note. @returns {HTMLElement[]} */
  files() {
    // Stands nowhere on the page: the button opens it.
    const file = element('input', { type: 'file', accept: 'image/*' });
    file.addEventListener('change', async () => {
      const chosen = file.files?.[0];
      file.value = '';
      if (!chosen) return;
      const data = await base64(chosen);
      void this.say({ media: { kind: 'image', name: chosen.name, mime: chosen.type, data } });
    });
    const picture = element('button', { type: 'button', class: 'attach', title: texts.picture, 'aria-label': `${texts.picture}: ${this.name}` }, '▣');
    picture.addEventListener('click', () => file.click());
    const voice = element('button', { type: 'button', class: 'attach', title: texts.voice, 'aria-label': `${texts.voice}: ${this.name}` }, '♪');
    voice.addEventListener('click', () => void this.say({ media: { kind: 'voice' } }));
    return [picture, voice];
  }

  /** An account's own menu below the chat. */
  menu() {
    const keys = texts.menuKeys.split('|');
    const items = texts.menuItems.split('|').map((title, i) => {
      const button = element('button', { type: 'button' }, title);
      button.addEventListener('click', () => void this.say({ event: 'menu', about: keys[i] }));
      return button;
    });
    return element('div', { class: 'menu', role: 'group', 'aria-label': texts.menu }, ...items);
  }

  /** @param {object} what */
  async say(what) {
    try {
      const account = this.number?.value ?? '';
      const answer = await say(this.channel, { ...what, locale, account });
      if (!answer.accepted) this.notice(texts.refused + (answer.tries.at(-1)?.error ?? answer.tries.at(-1)?.status ?? ''));
    } catch (error) {
      this.notice(/** @type {Error} */ (error).message);
      this.waiting(false);
    }
  }

  /** @param {any} entry */
  happened(entry) {
    if (entry.kind === 'said') this.said(entry);
    if (entry.kind === 'shown') this.shown(entry);
    if (entry.kind === 'told') this.told(entry);
    if (entry.kind === 'hook' && entry.status >= 200 && entry.status < 300) this.ticks.get(entry.said)?.classList.add('taken');
  }

  /** @param {any} entry */
  said(entry) {
    if (entry.receipt) return;
    if (entry.event === 'inbox') {
      this.add('theirs', texts.colleague, entry.time, element('div', { class: 'bubble' }, entry.about));
      return;
    }
    if (entry.event) {
      const chosen = texts.menuItems.split('|')[texts.menuKeys.split('|').indexOf(entry.about)];
      const name = entry.event === 'follow' && this.app.acts?.includes('unblock') ? texts.unblock : wordsOf(entry.event);
      this.notice(chosen ? `${name}: ${chosen}` : name);
      if (chosen) this.waiting(true);
      return;
    }
    this.log.querySelectorAll('.choices.quick').forEach((chips) => chips.remove());
    const bubble = element('div', { class: 'bubble' }, entry.media ? `[${kinds[entry.media]}] ${entry.text}` : entry.text);
    if (this.app.ticks) {
      const tick = element('span', { class: 'tick', 'aria-hidden': 'true' });
      this.ticks.set(entry.id, tick);
      bubble.append(tick);
    }
    this.add('mine', texts.you, entry.time, bubble);
    this.waiting(true);
  }

  /** @param {any} entry */
  shown(entry) {
    this.waiting(false);
    if (entry.notice) {
      this.notice(entry.text);
      return;
    }
    const bubble = element('div', { class: 'bubble' });
    if (entry.title) bubble.append(element('strong', {}, entry.title));
    bubble.append(...linked(entry.text ?? ''));
    for (const [url, what] of [[entry.image, texts.file], [entry.link, texts.opens]]) {
      if (url) bubble.append(link(url, what));
    }
    if (entry.note) bubble.append(element('small', { class: 'note' }, entry.note));
    const row = this.add('theirs', texts.company, entry.time, bubble);
    if (entry.choices) this.choices(entry, row, bubble);
    if (this.app.receipts && entry.message) row.append(this.receipts(this.app.receipts, entry.message));
  }

  /** @param {any} entry @param {HTMLElement} row @param {HTMLElement} bubble */
  choices(entry, row, bubble) {
    const buttons = entry.choices.map((choice) => {
      if (choice.url) return link(choice.url, choice.title);
      const button = element('button', { type: 'button' }, choice.title);
      button.addEventListener('click', () => void this.say({ payload: choice.payload, title: choice.title, look: entry.look }));
      return button;
    });
    const group = element('div', { class: `choices ${entry.look}` }, ...buttons);
    if (entry.look === 'list') {
      row.append(element('details', { class: 'list' }, element('summary', {}, texts.list), group));
    } else if (entry.look === 'menu') bubble.append(group);
    else row.append(group);
    this.toEnd();
  }

  /** @param {string[]} statuses @param {string} message */
  receipts(statuses, message) {
    const buttons = statuses.map((status) => {
      const words = status === 'read' ? texts.read : texts.delivered;
      const button = element('button', { type: 'button', title: words, 'aria-label': words }, status === 'read' ? '✓✓' : '✓');
      button.dataset.receipt = `${status} ${message}`;
      button.disabled = this.known.has(button.dataset.receipt);
      button.addEventListener('click', async () => {
        button.disabled = true;
        await this.say({ receipt: { status, message } });
      });
      return button;
    });
    return element('div', { class: 'receipts' }, ...buttons);
  }

  /** The provider has told by itself what became of a message. @param {any} entry */
  told(entry) {
    for (const status of entry.receipts ?? []) this.known.add(`${status} ${entry.message}`);
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (this.log.querySelectorAll('[data-receipt]')))
      button.disabled ||= this.known.has(button.dataset.receipt ?? '');
  }

  /** @param {string} text */
  notice(text) {
    this.empty.remove();
    this.log.append(element('p', { class: 'notice' }, text));
    this.toEnd();
  }

  /** @param {'mine' | 'theirs'} whose @param {string} who @param {string} time @param {HTMLElement} bubble */
  add(whose, who, time, bubble) {
    this.empty.remove();
    const at = new Date(time);
    const clock = element('time', {}, at.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' }));
    clock.dateTime = time;
    const row = element('div', { class: `row ${whose}` }, element('span', { class: 'quiet' }, who), bubble, clock);
    this.log.append(row);
    this.toEnd();
    return row;
  }

  /** @param {boolean} on */
  waiting(on) {
    this.dots?.remove();
    clearTimeout(this.timer);
    if (!on) return;
    this.dots = element('div', { class: 'dots', role: 'status', 'aria-label': texts.typing });
    this.log.append(this.dots);
    this.timer = setTimeout(() => this.dots?.remove(), PATIENCE);
    this.toEnd();
  }

  toEnd() {
    if (this.dots?.isConnected) this.log.append(this.dots);
    this.log.scrollTop = this.log.scrollHeight;
  }
}

/** An act in the page's language; its own name, where there is none. @param {string} act */
const wordsOf = (act) => texts[/** @type {keyof typeof texts} */ (act)] ?? act;
/** @param {string} url @param {string} words */
function link(url, words) {
  if (!isWeb(url)) return element('span', {}, `${words}: ${url}`);
  return element('a', { class: 'open', href: url, target: '_blank', rel: 'noreferrer' }, words);
}

/** A text with its addresses as links. @param {string} text @returns {Array<Node | string>} */
function linked(text) {
  return text.split(/(https?:\/\/[^\s，。）)]+)/).map((part, i) => (i % 2 ? link(part, part) : part));
}
