// A telephone: a call begins, keys are pressed, what is typed is spoken, and what is heard is read aloud by the browser.

import { element } from './elements.js';
import { Phone } from './phone.js';
import { locale } from './texts.js';

const TEXTS = {
  zh: {
    number: '拨打',
    numbers: { '': '总机（选语言）', queue: '排队', dial: '转接', closed: '下班' },
    aloud: '朗读',
    keys: '键盘',
    acts: '通话',
    events: {
      call: '拨号',
      hangup: '挂断',
      silence: '不说话',
      voicemail: '留言',
      answered: '人工接起',
      over: '人工挂断',
    },
  },
  en: {
    number: 'Call',
    numbers: { '': 'Main line (choose a language)', queue: 'With a queue', dial: 'With a transfer', closed: 'After hours' },
    aloud: 'Read aloud',
    keys: 'Keypad',
    acts: 'Call',
    events: {
      call: 'Call',
      hangup: 'Hang up',
      silence: 'Say nothing',
      voicemail: 'Leave a message',
      answered: 'A person answers',
      over: 'The person hangs up',
    },
  },
};
const texts = TEXTS[locale];

export class Dialler extends Phone {
  /** @param {string} channel */
  constructor(channel) {
    super(channel);
    const named = (/** @type {string} */ label) => `${label}: ${this.name}`;
    const options = Object.entries(texts.numbers).map(([name, label]) => element('option', { value: name }, label));
    this.number = element('select', { 'aria-label': named(texts.number) }, ...options);
    this.aloud = element('input', { type: 'checkbox' });
    this.turn = Promise.resolve();
    const aloud = element('label', {}, this.aloud, ` ${texts.aloud}`);
    const acts = Object.entries(texts.events).map(([name, label]) => this.key(label, { event: name }));
    const keys = [...'1234567890*'].map((key) => this.key(key, { text: key }));
    this.log.after(
      element('div', { class: 'line' }, this.number, aloud),
      element('div', { class: 'menu acts', role: 'group', 'aria-label': named(texts.acts) }, ...acts),
      element('div', { class: 'menu keys', role: 'group', 'aria-label': named(texts.keys) }, ...keys),
    );
  }

  /** @param {string} label @param {{event?: string, text?: string}} what */
  key(label, what) {
    const button = element('button', { type: 'button' }, label);
    button.addEventListener('click', () => void this.say(what));
    return button;
  }

  /** Keys that are pressed early wait until the line listens; who hangs up waits for nothing. @param {{event?: string, text?: string}} what */
  async say(what) {
    const send = () => super.say({ ...what, account: this.number.value });
    if (what.event === 'hangup') await send();
    else await (this.turn = this.turn.then(send));
    this.waiting(false);
  }

  /** @param {any} entry */
  said(entry) {
    if (entry.event) this.notice(texts.events[/** @type {keyof typeof texts.events} */ (entry.event)] ?? entry.event);
    else super.said(entry);
  }

  /** @param {any} entry */
  shown(entry) {
    super.shown(entry);
    if (!this.aloud.checked || entry.notice) return;
    for (const line of entry.text.split('\n')) {
      const words = new SpeechSynthesisUtterance(line);
      words.lang = /[\u3400-\u9fff]/.test(line) ? 'zh-CN' : 'en-US';
      speechSynthesis.speak(words);
    }
  }
}
