// A mail program: mails are written, with a file, and both directions are read, thread by thread, or as they came.

import { base64, element } from './elements.js';
import { follow, say, visitor } from './sandbox.js';
import { APPS, locale } from './texts.js';

const TEXTS = {
  zh: {
    write: '写邮件',
    from: '发件人',
    to: '收件人',
    subject: '主题',
    words: '正文',
    file: '附件',
    found: '收件检查',
    verdicts: { '': '正常', 'spam=FAIL': '垃圾邮件', 'virus=FAIL': '含病毒', 'dmarc=FAIL policy=reject': '冒充发件人' },
    automatic: '自动回复（外出）',
    send: '发送',
    cancel: '取消',
    reply: '回复',
    source: '源码',
    threads: '邮件会话',
    none: '还没有邮件。写一封，或在上方向所有渠道发问；也可以用任何邮件程序发到 stack.json 的 smtp_url。',
    pick: '选一个会话。',
    untitled: '（无主题）',
    isAutomatic: '自动',
    handed: '已交给系统',
    simulated: '模拟',
    tooLarge: '附件合计不能超过 2 MB。',
    wrote: (/** @type {string} */ time, /** @type {string} */ who) => `在 ${time}，${who} 写道：`,
  },
  en: {
    write: 'Write',
    from: 'From',
    to: 'To',
    subject: 'Subject',
    words: 'Message',
    file: 'Attachments',
    found: 'Found on arrival',
    verdicts: { '': 'Nothing wrong', 'spam=FAIL': 'Spam', 'virus=FAIL': 'A virus', 'dmarc=FAIL policy=reject': 'A forged sender' },
    automatic: 'Automatic reply (out of office)',
    send: 'Send',
    cancel: 'Cancel',
    reply: 'Reply',
    source: 'Source',
    threads: 'Threads',
    none: 'No mail yet. Write one, or ask all channels above; any mail program can send to smtp_url of stack.json, too.',
    pick: 'Choose a thread.',
    untitled: '(no subject)',
    isAutomatic: 'automatic',
    handed: 'handed over',
    simulated: 'simulated',
    tooLarge: 'Attachments may have 2 MB together.',
    wrote: (/** @type {string} */ time, /** @type {string} */ who) => `On ${time}, ${who} wrote:`,
  },
};
const texts = TEXTS[locale];

/** Most bytes of attachments: the sandbox takes requests of 4 MiB, and base 64 is a third longer. */
const MAX_BYTES = 2_000_000;

/**
 * @typedef {{id: string, message_id: string, references: string[], from: {name: string, address: string}, to: {name: string, address: string}, subject: string, text: string, automatic: boolean, files: Array<{name: string, type: string, bytes: number}>}} Letter
 * @typedef {{letter: Letter, mine: boolean, time: string, source: string}} Mail
 * @typedef {{mails: Mail[], ids: Set<string>, unread: boolean}} Thread
 */

export class Mailbox {
  /** @param {string} channel */
  constructor(channel) {
    this.channel = channel;
    this.name = /** @type {(typeof APPS)[string]} */ (APPS[channel])[locale];
    this.address = `${visitor}@customer.example`;
    /** Entries that were seen, and addresses that are followed. @type {Set<number | string>} */
    this.known = new Set([this.address]);
    /** Newest first. @type {Thread[]} */
    this.threads = [];
    /** Mails that the stack's function has got. @type {Set<string>} */
    this.taken = new Set();
    /** @type {Thread | null} */
    this.open = null;
    const write = button(texts.write, () => this.compose(), 'pill');
    const face = element('span', { class: 'face', 'aria-hidden': 'true' });
    const badge = element('span', { class: 'badge' }, texts.simulated);
    this.list = element('ul', { class: 'threads', 'aria-label': texts.threads });
    this.reading = element('div', { class: 'reading', role: 'region', 'aria-label': `${this.name}: ${texts.words}`, tabIndex: 0 });
    this.fault = element('p', { class: 'notice', role: 'alert', hidden: true });
    this.post = element('div', { class: 'post' }, this.list, this.reading);
    this.root = element(
      'section',
      { class: 'phone mailbox', 'data-channel': channel, 'aria-label': this.name },
      element('header', {}, face, element('h2', {}, this.name), badge, write),
      this.fault,
      this.post,
    );
    this.draw();
  }

  /** A question that is asked everywhere is a mail of its own. @param {{text: string}} what */
  async say({ text }) {
    await this.send({ text, subject: text, answers: '' });
  }

  /** @param {Record<string, any>} what @returns {Promise<boolean>} */
  async send(what) {
    try {
      await say(this.channel, { locale, ...what });
      this.complain('');
      return true;
    } catch (error) {
      this.complain(/** @type {Error} */ (error).message);
      return false;
    }
  }

  /** @param {string} text */
  complain(text) {
    this.fault.textContent = text;
    this.fault.hidden = !text;
  }

  /** @param {any} entry */
  happened(entry) {
    if (entry.channel !== this.channel || this.known.has(entry.id)) return;
    this.known.add(entry.id);
    if (entry.kind === 'hook' && entry.status < 300) this.taken.add(entry.mail);
    else if (entry.letter) this.arrived({ letter: entry.letter, mine: entry.kind === 'said', time: entry.time, source: entry.mail ?? entry.link });
    else return;
    this.draw();
  }

  /** A mail joins the thread of those that it names. @param {Mail} mail */
  arrived(mail) {
    const { message_id: id, references } = mail.letter;
    const ids = [id, ...references].filter(Boolean);
    const thread = this.threads.find((one) => ids.some((named) => one.ids.has(named))) ?? { mails: [], ids: new Set(), unread: false };
    thread.mails.push(mail);
    ids.forEach((named) => thread.ids.add(named));
    this.threads = [thread, ...this.threads.filter((one) => one !== thread)];
    if (mail.mine || !this.open) this.open = thread;
    thread.unread = !mail.mine && thread !== this.open;
  }

  draw() {
    this.list.replaceChildren(...this.threads.map((thread) => this.line(thread)));
    this.list.hidden = !this.threads.length;
    if (!this.threads.length) this.reading.replaceChildren(element('p', { class: 'hello' }, texts.none));
    else if (!this.open) this.reading.replaceChildren(element('p', { class: 'hello' }, texts.pick));
    else this.show(this.open);
  }

  /** @param {Thread} thread */
  line(thread) {
    const last = /** @type {Mail} */ (thread.mails.at(-1));
    const line = button('', () => {
      this.open = thread;
      thread.unread = false;
      this.draw();
      /** @type {HTMLElement | null} */ (this.list.querySelector('[aria-current]'))?.focus();
    });
    line.append(
      element('strong', {}, subjectOf(thread)),
      element('span', { class: 'about' }, `${thread.mails.length} · ${clock(last.time)}`),
      element('span', { class: 'snippet' }, last.letter.text.split('\n')[0] ?? ''),
    );
    if (thread.unread) line.classList.add('unread');
    if (thread === this.open) line.setAttribute('aria-current', 'true');
    return element('li', {}, line);
  }

  /** @param {Thread} thread */
  show(thread) {
    const shown = new Map([...this.reading.querySelectorAll('article')].map((mail) => [mail.dataset.mail, mail]));
    const mails = thread.mails.map((mail) => {
      // One that stands there stays, with the focus and the source that is open in it.
      const made = shown.get(mail.letter.id) ?? this.mail(mail);
      const handed = /** @type {HTMLElement} */ (made.querySelector('.handed'));
      handed.hidden = !this.taken.has(mail.letter.id);
      return made;
    });
    const title = this.reading.querySelector('h3') ?? element('h3');
    title.textContent = subjectOf(thread);
    const here = [title, ...mails];
    const before = [...this.reading.children];
    if (before.length > here.length || before.some((child, i) => child !== here[i])) this.reading.replaceChildren(...here);
    else this.reading.append(...here.slice(before.length));
    if (before.length !== here.length) this.reading.scrollTop = /** @type {HTMLElement} */ (here.at(-1)).offsetTop - this.reading.offsetTop;
  }

  /** @param {Mail} mail */
  mail({ letter, mine, time, source }) {
    const raw = element('pre', { class: 'source', tabIndex: 0, hidden: true, 'aria-label': texts.source });
    const open = button(texts.source, async () => {
      raw.hidden = !raw.hidden;
      open.setAttribute('aria-expanded', String(!raw.hidden));
      if (!raw.hidden && !raw.textContent) raw.textContent = await (await fetch(source)).text();
    });
    open.setAttribute('aria-expanded', 'false');
    const files = letter.files.map(({ name, type, bytes }) => element('li', {}, `${name || type} · ${size(bytes)}`));
    const stamp = element('time', {}, clock(time));
    stamp.dateTime = time;
    const head = element('header', {}, element('strong', {}, said(letter.from)), element('span', {}, `→ ${said(letter.to)}`), stamp);
    if (letter.automatic) head.append(element('span', { class: 'badge' }, texts.isAutomatic));
    const handed = element('span', { class: 'handed', hidden: true }, `✓ ${texts.handed}`);
    const acts = element('footer', {}, button(texts.reply, () => this.compose(letter)), open, handed);
    const made = element('article', { class: `mail ${mine ? 'mine' : 'theirs'}`, 'data-mail': letter.id }, head);
    made.append(element('div', { class: 'words' }, letter.text));
    if (files.length) made.append(element('ul', { class: 'files', 'aria-label': texts.file }, ...files));
    made.append(acts, raw);
    return made;
  }

  /** A form takes the place of what is read. @param {Letter} [answered] */
  compose(answered) {
    const back = document.activeElement;
    const own = answered && this.threads.flatMap(({ mails }) => mails).some(({ letter, mine }) => mine && letter === answered);
    const address = answered ? (own ? answered.from : answered.to).address : this.address;
    const from = element('input', { type: 'email', required: true, value: address, readOnly: Boolean(answered) });
    // A reply goes to the address that the mail names for it, which is the sandbox's to know.
    const to = answered
      ? element('input', { value: said(own ? answered.to : answered.from), readOnly: true })
      : element('select', {}, ...(window.FRONTDESK_STACK?.mailboxes ?? []).map((mailbox) => element('option', {}, mailbox)));
    const subject = element('input', { maxLength: 300, value: answered ? `Re: ${answered.subject.replace(/^(re: *)+/i, '')}` : '' });
    const words = element('textarea', { required: true, maxLength: 20_000, rows: 6 });
    if (answered) words.value = `\n\n${quoted(answered)}`;
    const files = element('input', { type: 'file', multiple: true });
    const found = element('select', {}, ...Object.entries(texts.verdicts).map(([value, name]) => element('option', { value }, name)));
    const automatic = element('input', { type: 'checkbox' });
    const field = (/** @type {string} */ name, /** @type {HTMLElement} */ input) => element('label', {}, element('span', {}, name), input);
    const close = () => {
      form.replaceWith(this.post);
      this.complain('');
      if (back instanceof HTMLElement) back.focus();
    };
    const form = element(
      'form',
      { class: 'letter', 'aria-label': answered ? texts.reply : texts.write },
      field(texts.from, from),
      field(texts.to, to),
      field(texts.subject, subject),
      field(texts.words, words),
      field(texts.file, files),
      field(texts.found, found),
      element('label', { class: 'check' }, automatic, element('span', {}, texts.automatic)),
      element('div', { class: 'acts' }, element('button', { type: 'submit', class: 'pill strong' }, texts.send), button(texts.cancel, close, 'pill')),
    );
    form.addEventListener('keydown', (event) => event.key === 'Escape' && close());
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const chosen = [...(files.files ?? [])];
      if (chosen.reduce((sum, file) => sum + file.size, 0) > MAX_BYTES) {
        this.complain(texts.tooLarge);
        return;
      }
      const attached = chosen.map(async (file) => ({ name: file.name, mime: file.type, data: await base64(file) }));
      this.watch(from.value);
      const sent = await this.send({
        user: from.value,
        ...(!answered && { to: to.value }),
        subject: subject.value,
        text: words.value.trimEnd(),
        files: await Promise.all(attached),
        automatic: automatic.checked,
        verdicts: found.value,
        answers: answered?.id ?? '',
      });
      if (sent) close();
    });
    this.post.replaceWith(form);
    (answered ? words : subject).focus();
    words.setSelectionRange(0, 0);
  }

  /** What happens to an address that the page's visitor does not have is asked for by itself. @param {string} address */
  watch(address) {
    const user = address.toLowerCase();
    if (this.known.has(user)) return;
    this.known.add(user);
    void follow((entry) => this.happened(entry), () => {}, { user, channel: this.channel });
  }
}

/** @param {string} words @param {() => void} does @param {string} [look] */
function button(words, does, look = '') {
  const made = element('button', { type: 'button', class: look }, words);
  made.addEventListener('click', does);
  return made;
}

/** @param {Thread} thread */
const subjectOf = (thread) => thread.mails[0]?.letter.subject || texts.untitled;

/** @param {{name: string, address: string}} who */
const said = ({ name, address }) => (name ? `${name} <${address}>` : address);

/** @param {string} time */
const clock = (time) => new Date(time).toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' });

/** @param {number} bytes */
const size = (bytes) => (bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(1)} kB`);

/** @param {Letter} letter */
const quoted = (letter) =>
  `${texts.wrote(new Date().toLocaleDateString(locale), said(letter.from))}\n${letter.text.replace(/^/gm, '> ')}`;
