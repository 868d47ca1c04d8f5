// The chat widget: launcher, panel and client of the visitor API in one script without dependencies.
//
// Reading order: settings and texts, store, session, conversation, sending, live updates, look, page elements, start.
// Whatever comes from the API, the visitor or the host page reaches the document as text nodes only.

/**
 * @typedef {{token: string, visitor_id: string, expires_at: string, socket_url: string,
 *   locale: string, who: string | null, renewed: number}} Session  `who` tells signed-in customers apart
 * @typedef {{type: string, [field: string]: any}} Content
 * @typedef {{id: string, seq: number, author: string, content: Content, at: string,
 *   client_id?: string, status?: string, error?: string, file?: File, progress?: number, cancel?: () => void,
 *   view?: View}} Entry  a message; until the API has confirmed it, `seq` is Infinity and it has a status
 * @typedef {{row: HTMLElement, day: HTMLElement, who: HTMLElement, foot: HTMLElement, choices: HTMLButtonElement[]}} View
 * @typedef {{token?: string, body?: object, signal?: AbortSignal, seconds?: number}} Call
 */

(() => {
  'use strict';
  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  if (!script || (window.Frontdesk && !window.Frontdesk.calls)) return;

  // ── Settings and texts ──

  const DAY = 86_400_000;
  const MAX_TEXT = 4000;
  const MAX_FILE = 10 * 1024 * 1024;
  const FILE_TYPES = 'image/png,image/jpeg,image/gif,image/webp,application/pdf,text/plain,'
    + 'audio/mpeg,audio/ogg,audio/webm,audio/mp4,video/mp4,video/webm';
  const PING_EVERY = 300_000;   // the socket gateway drops what is silent for ten minutes
  const ANSWER_WITHIN = 30_000; // how long "is typing" is shown
  const HIDDEN_LONG = 300_000;  // a hidden page stops polling after this
  const SPELL = 300_000;        // messages this close share one time

  const options = script.dataset;
  const fullPage = options.mode === 'page';
  const query = new URLSearchParams(fullPage ? location.search : '');
  const base = (options.api || new URL('..', script.src).href).replace(/\/+$/, '');
  const wanted = options.locale || query.get('locale') || (!fullPage && document.documentElement.lang) || navigator.language;
  const locale = /^zh/i.test(wanted) ? 'zh' : 'en';
  const language = locale === 'zh' ? 'zh-CN' : 'en';

  const say = {
    en: {
      title: 'Customer service', subtitle: 'Automated assistant', open: 'Open chat', close: 'Close chat',
      unread: '# unread', log: 'Conversation', input: 'Message', placeholder: 'Write a message…',
      send: 'Send', attach: 'Attach a file', hello: 'Hello. How can we help?',
      help: 'Ask in your own words. You can also attach a picture of what went wrong.',
      customer: 'You', bot: 'Assistant', agent: 'Agent', system: 'Notice', today: 'Today', yesterday: 'Yesterday',
      sending: 'Sending…', sent: 'Sent', uploading: 'Uploading', retry: 'Try again', remove: 'Remove', cancel: 'Cancel',
      typing: 'The assistant is writing', slow: 'This takes longer than usual. The answer will appear here.',
      newer: 'New messages', noFile: 'The file cannot be opened right now.',
      offline: 'You are offline. Messages are sent once you are connected again.',
      trouble: 'The service cannot be reached. Trying again…', now: 'Try now',
      expired: 'Your earlier conversation has expired; this is a new one.',
      left: '# characters left',
      over: '# characters too many. Shorten the message or send it in parts.',
      network: 'Not sent: no connection. Check your network, then try again.',
      busy: 'Not sent: too many messages at once. Wait a moment, then try again.',
      server: 'Not sent: the service has a problem. Try again in a minute.',
      refused: 'Not sent: the service did not accept this message. Change it and send it again.',
      fileType: 'This kind of file cannot be sent. Choose a picture (PNG, JPEG, GIF, WebP), PDF, text, audio or video file.',
      fileSize: 'This file is larger than 10 MB. Choose a smaller one.', fileEmpty: 'This file is empty. Choose another one.',
      unknown: 'This message cannot be shown here. Reload the page to see it.',
    },
    zh: {
      title: '在线客服', subtitle: '自动应答助手', open: '打开聊天', close: '关闭聊天',
      unread: '# 条未读', log: '对话', input: '消息', placeholder: '输入消息…',
      send: '发送', attach: '添加附件', hello: '您好，有什么可以帮您？',
      help: '直接用您自己的话提问即可，也可以附上问题的照片。',
      customer: '您', bot: '智能助手', agent: '人工客服', system: '通知', today: '今天', yesterday: '昨天',
      sending: '发送中…', sent: '已发送', uploading: '上传中', retry: '重试', remove: '移除', cancel: '取消',
      typing: '助手正在输入', slow: '比平时慢一些，回答会显示在这里。',
      newer: '新消息', noFile: '暂时无法打开该文件。',
      offline: '网络已断开，恢复连接后会自动发送。',
      trouble: '暂时连不上服务，正在重试…', now: '立即重试',
      expired: '之前的对话已过期，这是一段新的对话。',
      left: '还可输入 # 个字',
      over: '超出 # 个字，请缩短或分几条发送。',
      network: '未发送：没有网络连接。请检查网络后重试。',
      busy: '未发送：消息太频繁。请稍等片刻再重试。',
      server: '未发送：服务出现问题。请过一分钟再重试。',
      refused: '未发送：服务没有接受这条消息。请修改后重新发送。',
      fileType: '不支持这种文件。请选择图片（PNG、JPEG、GIF、WebP）、PDF、文本、音频或视频文件。',
      fileSize: '文件超过 10 MB，请选择小一些的文件。', fileEmpty: '这个文件是空的，请另选一个。',
      unknown: '这条消息无法在此显示，请刷新页面查看。',
    },
  }[locale];

  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  /** Doubling delay with jitter, so that pages cut off together do not come back together. */
  const backoff = (tries, most = 60_000) => Math.min(most, 1000 * 2 ** tries) * (0.5 + Math.random() / 2);
  const ignore = () => {};

  // ── Store: local or session storage, memory where the browser blocks them ──

  function store(/** @type {'localStorage' | 'sessionStorage'} */ area, name) {
    let copy = null;
    let blocked = false;
    return {
      name,
      read() {
        if (blocked) return copy;
        try {
          return JSON.parse(window[area].getItem(name) || 'null');
        } catch {
          return copy;
        }
      },
      write(value) {
        copy = value;
        try {
          window[area].setItem(name, JSON.stringify(value));
        } catch {
          blocked = true;
        }
      },
    };
  }

  const savedSession = store('localStorage', `frontdesk:${base}`);
  const savedView = store('localStorage', `frontdesk:${base}:view`);       // {open, visitor, read, last}
  const savedOutbox = store('sessionStorage', `frontdesk:${base}:outbox`); // {visitor, entries}
  const remember = (change) => savedView.write({ ...savedView.read(), ...change });

  // ── Session and API calls ──

  /** A call that failed: the HTTP status, 0 when there was no answer. */
  class Failure extends Error {
    constructor(status, wait = 0) {
      super(`HTTP ${status}`);
      this.status = status;
      this.wait = wait;
    }

    /** Worth another attempt without a change. */
    get passing() {
      return this.status === 0 || this.status === 429 || this.status >= 500;
    }
  }

  async function http(method, path, /** @type {Call} */ { token, body, signal, seconds = 20 }) {
    const stop = new AbortController();
    const abort = () => stop.abort();
    const timer = setTimeout(abort, seconds * 1000);
    signal?.addEventListener('abort', abort);
    /** @type {Record<string, string>} */
    const headers = {};
    if (token) headers.authorization = `Bearer ${token}`;
    if (body) headers['content-type'] = 'application/json';
    try {
      const response = await fetch(base + path, {
        method, headers, body: body && JSON.stringify(body), signal: stop.signal, credentials: 'omit', cache: 'no-store',
      });
      if (!response.ok) throw new Failure(response.status, Number(response.headers.get('retry-after')) * 1000 || 0);
      return await response.json();
    } catch (error) {
      throw error instanceof Failure ? error : new Failure(0);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  /** @type {string | undefined} */
  let identity = options.identity || (fullPage && new URLSearchParams(location.hash.slice(1)).get('identity')) || undefined;
  let who = subject(identity);
  /** @type {Session | null} */
  let session = null;
  /** @type {Promise<Session> | null} */
  let acquiring = null;

  /** A short mark of the customer that an identity names; renewed tokens of one customer have the same one. */
  function subject(jwt) {
    if (!jwt) return null;
    let name = jwt;
    try {
      name = String(JSON.parse(atob((jwt.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/'))).sub ?? jwt);
    } catch { /* not ours to judge: the API refuses it */ }
    let mark = 5381;
    for (const unit of name) mark = (mark * 33 ^ (unit.codePointAt(0) ?? 0)) >>> 0;
    return mark.toString(36);
  }

  /** Usable as it is: of this customer and language, and neither near its end nor just renewed. */
  const usable = (/** @type {Session} */ s) => s.who === who && s.locale === locale
    && (Date.parse(s.expires_at) - Date.now() > DAY || Date.now() - s.renewed < DAY / 24);

  /**
   * @param {string} [refused] a token that the API did not take
   * @returns {Promise<Session>}
   */
  async function ensure(refused = '') {
    if (session && session.token !== refused && usable(session)) return session;
    return (acquiring ??= alone(() => acquire(refused)).finally(() => { acquiring = null; }));
  }

  /** Two tabs that open at once must not make two visitors. */
  const alone = (job) => (
    navigator.locks ? navigator.locks.request(savedSession.name, job) : job());

  async function acquire(refused = '') {
    const stored = savedSession.read();
    const known = stored && stored.token !== refused && (!stored.who || stored.who === who) ? stored : null;
    if (known && usable(known)) return adopt(known);
    const owner = who;
    /** @type {Call} */
    const anonymous = { body: { locale } };
    const attempts = [anonymous];
    if (identity) attempts.unshift({ body: { locale, identity } });
    if (known) attempts.unshift({ ...attempts[0], token: known.token });
    for (const attempt of attempts) {
      try {
        const made = await http('POST', '/v1/sessions', attempt);
        if (who !== owner) return acquire();
        if (identity && attempt === anonymous) {
          console.warn('Frontdesk: the identity was not accepted; the visitor stays anonymous.');
          who = null;
          identity = undefined;
        }
        return adopt({ ...made, locale, who, renewed: Date.now() });
      } catch (error) {
        if (/** @type {Failure} */ (error).passing || attempt === anonymous) {
          if (known && known.who === who && Date.parse(known.expires_at) > Date.now()) return adopt(known);
          throw error;
        }
      }
    }
    throw new Failure(0);
  }

  function adopt(/** @type {Session} */ next) {
    const before = session;
    session = next;
    const stored = savedSession.read();
    if (stored?.token !== next.token) savedSession.write(next);
    if (savedView.read()?.visitor !== next.visitor_id) remember({ visitor: next.visitor_id, read: 0, last: 0 });
    if (before && before.visitor_id !== next.visitor_id) {
      const unchanged = before.who === next.who;
      startOver(unchanged || !before.who, unchanged);
    }
    return next;
  }

  async function api(method, path, /** @type {Call} */ call = {}) {
    const { token } = await ensure();
    try {
      return await http(method, path, { ...call, token });
    } catch (error) {
      if (/** @type {Failure} */ (error).status !== 401) throw error;
      return http(method, path, { ...call, token: (await ensure(token)).token });
    }
  }

  // ── Conversation: entries in order of `seq`, then what is not yet confirmed ──

  /** @type {Entry[]} */
  let entries = [];
  /** Every message up to here has arrived. */
  let last = 0;
  /** The first full fetch is done: what comes now is news. @type {boolean} */
  let loaded = false;
  /** Pushed messages that wait for the ones before them. @type {Map<number, Entry>} */
  const early = new Map();
  /** @type {Promise<void> | null} */
  let syncing = null;
  /** @type {Map<string, Set<Function>>} */
  const listeners = new Map();
  /** @param {unknown} [value] */
  const emit = (name, value) => listeners.get(name)?.forEach((listener) => queueMicrotask(() => listener(value)));

  const pending = (/** @type {Entry} */ entry) => entry.seq === Infinity;
  const same = (a, b) => a.type === b.type
    && (a.text ?? a.payload ?? a.upload) === (b.text ?? b.payload ?? b.upload);

  /** Takes fetched messages. A hole in them is a message that has expired: a fetch returns everything there is. */
  function take(messages) {
    for (const message of messages) if (Number.isInteger(message?.seq) && message.content) accept(message);
    for (let next; (next = early.get(last + 1)); ) accept(next);
    refresh();
  }

  /** Takes a pushed message, which may have overtaken another. */
  function receive(message) {
    if (!(message.seq > last + 1)) return take([message]);
    early.set(message.seq, message);
    sync().catch(fault);
  }

  function accept({ id, seq, author, content, at }) {
    early.delete(seq);
    last = Math.max(last, seq);
    if (entries.some((entry) => entry.seq === seq)) return;
    // The push may be quicker than the 202 that tells the id; then the content decides.
    const own = author === 'customer' && (entries.find((entry) => pending(entry) && entry.id === id)
      ?? entries.find((entry) => pending(entry) && !entry.id && same(entry.content, content)));
    const message = { id, seq, author, content, at };
    const entry = own ? Object.assign(own, message, { status: undefined, error: undefined }) : message;
    if (loaded && author === 'customer') asked = Date.now();
    put(entry);
    saveOutbox();
    if (loaded) emit('message', { ...message });
  }

  /** Fetches whatever came after `last`; callers share one run. */
  function sync() {
    syncing ??= fetchNewer().finally(() => { syncing = null; });
    return syncing;
  }

  async function fetchNewer() {
    for (let holes = 0; ; holes++) {
      for (let more = true; more; ) {
        const { visitor_id } = await ensure();
        const from = last;
        const page = await api('GET', `/v1/messages?after=${from}`);
        trouble(false);
        if (session?.visitor_id !== visitor_id) continue; // the conversation changed meanwhile
        take(page.messages);
        more = last > from && (last < page.last || page.messages.length > 9); // perhaps a full page
      }
      loaded = true;
      if (!early.size || holes === 4) break; // not held back for ever
      await pause(backoff(holes));
    }
    take([...early.values()].sort((a, b) => a.seq - b.seq));
  }

  /** Begins another visitor's conversation; the same person's when they have signed in or their session has ended. */
  function startOver(samePerson, ended = false) {
    const unsent = samePerson ? entries.filter((entry) => pending(entry) && !entry.id) : [];
    const notice = ended && entries.length > unsent.length;
    for (const entry of entries) entry.view?.row.remove();
    entries = [];
    early.clear();
    last = 0;
    asked = 0;
    loaded = false;
    if (notice) put({ ...blank(), seq: 0, author: 'system', content: { type: 'text', text: say.expired } });
    for (const entry of unsent) put(entry);
    saveOutbox();
    refresh();
    if (live) reconnect();
  }

  // ── Sending: one message at a time, so that they arrive in the order written ──

  let draining = false;
  /** When the last message was taken; 0 when nothing is being answered. */
  let asked = 0;

  /** A random UUID, also where a page without TLS has no `randomUUID`: an object URL ends with one. */
  const newId = () => crypto.randomUUID?.() ?? URL.createObjectURL(new Blob()).slice(-36);

  function send(content) {
    add({ content, status: 'sending' });
    drain();
    keepFocus();
  }

  /** @returns {Omit<Entry, 'content'>} */
  const blank = () => ({ id: '', seq: Infinity, author: 'customer', at: new Date().toISOString() });

  /** @param {Partial<Entry> & {content: Content}} entry */
  function add(entry) {
    const full = { ...blank(), client_id: newId(), ...entry };
    put(full);
    saveOutbox();
    refresh(true);
    goLive();
    return full;
  }

  async function drain() {
    if (draining) return;
    draining = true;
    for (let next; (next = entries.find((entry) => pending(entry) && entry.status === 'sending')); ) await deliver(next);
    draining = false;
  }

  async function deliver(/** @type {Entry} */ entry) {
    for (let tries = 0; entry.status === 'sending'; tries++) {
      try {
        const { id } = await api('POST', '/v1/messages', { body: { client_id: entry.client_id, content: entry.content } });
        trouble(false);
        if (pending(entry)) {
          entry.id = id;
          entry.status = 'sent';
          if (entries.some((other) => other !== entry && other.id === id)) drop(entry);
        }
        asked = Date.now();
        watchForAnswer();
      } catch (error) {
        const failure = /** @type {Failure} */ (error);
        if (failure.status === 0 && !navigator.onLine) await backOnline();
        else if (failure.passing && tries < 3) await pause(Math.min(30_000, Math.max(failure.wait, backoff(tries))));
        else if (pending(entry)) fail(entry, failure);
      }
    }
    saveOutbox();
    refresh();
  }

  const backOnline = () => new Promise((done) => addEventListener('online', done, { once: true }));

  function fail(/** @type {Entry} */ entry, failure) {
    entry.status = 'failed';
    entry.error = failure.status === 0 ? say.network : failure.status === 429 ? say.busy
      : failure.passing || failure.status < 404 && failure.status > 400 ? say.server : say.refused;
  }

  function retry(/** @type {Entry} */ entry) {
    entry.error = undefined;
    if (entry.file) upload(entry);
    else {
      entry.status = 'sending';
      drain();
    }
    refresh(true);
  }

  function drop(/** @type {Entry} */ entry) {
    entries = entries.filter((other) => other !== entry);
    if (entry.view?.row.contains(shadow.activeElement)) keepFocus();
    entry.view?.row.remove();
    entry.status = undefined;
    saveOutbox();
    refresh();
  }

  let restored = false;

  /** Unconfirmed messages survive a reload and keep their client_id, so that none is taken twice. */
  function saveOutbox() {
    if (!session || !restored) return;
    const kept = entries.filter((entry) => pending(entry) && !entry.file)
      .map(({ id, author, content, at, client_id, status }) => ({ id, seq: 0, author, content, at, client_id, status }));
    savedOutbox.write(kept.length ? { visitor: session.visitor_id, entries: kept } : null);
  }

  function restoreOutbox() {
    if (restored) return;
    restored = true;
    const kept = savedOutbox.read();
    for (const entry of kept && kept.visitor === session?.visitor_id ? kept.entries : []) {
      put({ ...entry, seq: Infinity, error: entry.status === 'failed' ? say.network : undefined });
    }
    refresh();
    drain();
  }

  /** A push can get lost with a dying connection: look once or twice when an answer is late. */
  function watchForAnswer() {
    for (const ms of [5000, 15_000, ANSWER_WITHIN + 500]) {
      setTimeout(() => {
        if (unanswered()) sync().catch(ignore);
        refresh();
      }, ms);
    }
  }

  /** The last word is the customer's, and no person is in the conversation. */
  function unanswered() {
    const spoken = entries.filter(({ author, status }) => author !== 'system' && status !== 'failed' && status !== 'uploading');
    const agent = spoken.filter((entry) => entry.author !== 'customer').pop()?.author === 'agent';
    const latest = spoken[spoken.length - 1];
    return !agent && latest?.author === 'customer' && latest.status !== 'sending';
  }

  function attach(file) {
    if (!file) return;
    const mime = file.type.split(';')[0] ?? '';
    const known = FILE_TYPES.split(',').includes(mime);
    const unfit = !known ? say.fileType : file.size > MAX_FILE ? say.fileSize : file.size ? '' : say.fileEmpty;
    warn(unfit);
    if (unfit) return;
    const kind = mime.split('/')[0] ?? '';
    const type = ['image', 'audio', 'video'].includes(kind) ? kind : 'file';
    upload(add({ content: { type, name: file.name.slice(-200) || type, mime, size: file.size }, status: 'uploading', file }));
  }

  async function upload(/** @type {Entry} */ entry) {
    const file = /** @type {File} */ (entry.file);
    const { name, mime, size } = entry.content;
    const stop = new AbortController();
    entry.status = 'uploading';
    entry.progress = 0;
    entry.cancel = () => {
      stop.abort();
      drop(entry);
    };
    refresh();
    try {
      const grant = await api('POST', '/v1/uploads', { body: { name, mime, size }, signal: stop.signal });
      await post(grant, file, stop.signal, (share) => {
        entry.progress = share;
        paint(entry);
      });
      if (stop.signal.aborted) return;
      entry.content.upload = grant.upload;
      entry.file = undefined;
      entry.status = 'sending';
      saveOutbox();
      refresh();
      drain();
    } catch (error) {
      if (stop.signal.aborted) return;
      fail(entry, /** @type {Failure} */ (error));
      refresh();
    }
  }

  /** The presigned form post, by XMLHttpRequest because fetch tells nothing about the progress of an upload. */
  function post(grant, file, signal, progress) {
    return new Promise((done, failed) => {
      const form = new FormData();
      for (const name in grant.fields) form.append(name, grant.fields[name]);
      form.append('file', file); // S3 ignores fields after the file
      const request = new XMLHttpRequest();
      request.open('POST', grant.url);
      request.upload.onprogress = (event) => progress(event.loaded / event.total);
      request.onload = () => (request.status < 300 ? done(0) : failed(new Failure(request.status)));
      request.onerror = request.ontimeout = request.onabort = () => failed(new Failure(0));
      signal.addEventListener('abort', () => request.abort());
      request.send(form);
    });
  }

  // ── Live updates: a socket, and one long poll at a time while no socket can be had ──

  let live = false;
  /** @type {WebSocket | null} */
  let socket = null;
  /** Treats the current socket as lost. */
  let giveUp = ignore;
  /** @type {AbortController | null} */
  let polling = null;
  let refusals = 0; // sockets in a row that never opened
  let tries = 0;    // reconnects since the last socket that held
  let hiddenSince = 0;
  let connectTimer = 0;
  let pongTimer = 0;
  let unreachable = false;

  const resting = () => hiddenSince > 0 && Date.now() - hiddenSince > HIDDEN_LONG;

  function goLive() {
    if (live) return;
    live = true;
    ensure().then(restoreOutbox).then(sync).catch(fault);
    connect();
  }

  async function connect() {
    clearTimeout(connectTimer);
    if (socket || !live || resting()) return;
    /** @type {WebSocket} */
    let next;
    try {
      const { socket_url, token } = await ensure();
      if (socket) return;
      const url = new URL(socket_url);
      url.searchParams.set('token', token);
      next = socket = new WebSocket(url);
      clearTimeout(pongTimer);
    } catch (error) {
      fault(error);
      refusals++;
      return again();
    }
    let opened = 0;
    const deadline = setTimeout(() => closed(), 10_000); // some networks swallow the handshake
    const closed = giveUp = () => {
      clearTimeout(deadline);
      if (socket !== next) return;
      socket = null;
      next.close();
      if (!opened) refusals++;
      else if (Date.now() - opened > 10_000) tries = 0;
      if (!opened) sync().catch(fault); // tells a refused token from a missing network
      again();
    };
    next.onopen = () => {
      clearTimeout(deadline);
      opened = Date.now();
      refusals = 0;
      stopPolling();
      sync().catch(fault);
    };
    next.onmessage = (event) => {
      clearTimeout(pongTimer);
      try {
        const frame = JSON.parse(event.data);
        if (socket === next && frame.content) receive(frame);
      } catch { /* not a message */ }
    };
    next.onclose = closed;
  }

  /** After a lost or refused socket: the poll takes over when a second one could not be opened either. */
  function again() {
    if (refusals > 1) poll();
    clearTimeout(connectTimer);
    connectTimer = setTimeout(connect, backoff(tries++));
  }

  function reconnect() {
    const old = socket;
    socket = null;
    old?.close();
    stopPolling();
    connect();
  }

  /** Asks for a sign of life; a dead connection often shows no other. */
  function ping(wait = 10_000) {
    if (socket?.readyState !== WebSocket.OPEN) return;
    socket.send('{"action":"ping"}');
    clearTimeout(pongTimer);
    pongTimer = setTimeout(giveUp, wait);
  }

  function stopPolling() {
    polling?.abort();
    polling = null;
  }

  async function poll() {
    if (polling || !live) return;
    const mine = polling = new AbortController();
    for (let failures = 0; !mine.signal.aborted; ) {
      if (resting()) break;
      const started = Date.now();
      try {
        const page = await api('GET', `/v1/messages?after=${last}&wait=25`, { signal: mine.signal, seconds: 40 });
        if (mine.signal.aborted) break;
        take(page.messages);
        failures = 0;
        trouble(false);
        if (Date.now() - started < 1000) await pause(1000);
      } catch (error) {
        if (mine.signal.aborted) break;
        fault(error);
        await pause(backoff(failures++, 30_000));
      }
    }
    if (polling === mine) polling = null;
  }

  /** The page is seen or the network is back. */
  function wake() {
    if (!live) return;
    tries = 0;
    if (socket) ping(5000);
    else connect();
    if (refusals > 1) poll();
    ensure().then(restoreOutbox).then(sync).catch(fault);
  }

  function fault(error) {
    if (error instanceof Failure) trouble(true);
  }

  function trouble(now) {
    if (unreachable === now) return;
    unreachable = now;
    refresh();
  }

  // ── Look ──

  const dark = '--bg:#16181b;--fg:#e9ebed;--soft:#a6adb4;--fill:#25292d;--line:#383d43;--edge:#7d858d;--bad:#ffa198;--ring:#e9ebed;'
    + '--shade:0 0 0 1px #34393e,0 16px 48px rgb(0 0 0/.5);color-scheme:dark!important;';
  const css = `
:host{all:initial!important;font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"PingFang SC","Hiragino Sans GB","Microsoft YaHei",
  "Noto Sans CJK SC",sans-serif!important;color:var(--fg)!important;color-scheme:light!important;direction:ltr!important;
  --accent:#17614f;--on:#fff;--ring:var(--accent);--bg:#fff;--fg:#1c2024;--soft:#5c646c;--fill:#f1f3f4;--line:#e1e5e8;--edge:#7a838b;
  --bad:#b3261e;--shade:0 0 0 1px rgb(0 0 0/.06),0 4px 12px rgb(0 0 0/.08),0 16px 48px rgb(0 0 0/.16)}
@media print{:host{display:none!important}}
@media(prefers-color-scheme:dark){:host(:not([data-theme=light])){${dark}}}
:host([data-theme=dark]){${dark}}
*,*::before,*::after{box-sizing:border-box}
[hidden]{display:none!important}
button,textarea{font:inherit;color:inherit;margin:0}
button{cursor:pointer;background:none;border:0;padding:0;touch-action:manipulation}
:focus-visible{outline:2px solid var(--fg);outline-offset:2px}
svg{width:20px;height:20px;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round;display:block}
#title,p{margin:0;font:inherit}
.quiet{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.launcher,.panel{position:fixed;z-index:2147483000;right:calc(20px + env(safe-area-inset-right));bottom:calc(20px + env(safe-area-inset-bottom))}
.launcher{width:56px;height:56px;
  border-radius:50%;background:var(--accent);color:var(--on);box-shadow:0 2px 6px rgb(0 0 0/.18),0 8px 24px rgb(0 0 0/.18);
  display:grid;place-items:center;transition:transform .15s}
.launcher:hover{transform:translateY(-2px)}
.launcher:focus-visible{box-shadow:0 0 0 2px var(--bg);outline-offset:3px}
.launcher svg{width:26px;height:26px}
.badge{position:absolute;top:-3px;right:-3px;min-width:21px;height:21px;padding:0 6px;border-radius:11px;background:#b3261e;color:#fff;
  font-size:12px;font-weight:600;line-height:21px;text-align:center;box-shadow:0 0 0 2px var(--bg)}
.panel{width:392px;
  max-width:calc(100vw - 40px);height:min(660px,calc(100vh - 40px));height:min(660px,calc(100dvh - 40px));display:flex;flex-direction:column;
  background:var(--bg);border-radius:16px;box-shadow:var(--shade);overflow:hidden;animation:rise .18s ease-out}
@keyframes rise{from{opacity:0;transform:translateY(10px)}}
.head{display:flex;align-items:center;gap:12px;padding:14px 12px 13px 20px;border-bottom:1px solid var(--line)}
.head>div{flex:1;min-width:0}
#title{font-weight:650;font-size:16px;line-height:1.35;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.head p{color:var(--soft);font-size:12.5px;line-height:1.4}
.tool{width:40px;height:40px;border-radius:10px;display:grid;place-items:center;color:var(--soft);flex:none}
.tool:hover{background:var(--fill);color:var(--fg)}
.banner{display:flex;gap:12px;align-items:center;justify-content:space-between;padding:8px 20px;background:var(--fill);
  border-bottom:1px solid var(--line);font-size:13px}
.link{text-decoration:underline;text-underline-offset:2px;font-weight:600;white-space:nowrap;padding:4px 0}
.middle{flex:1;min-height:0;position:relative;display:flex}
.log{flex:1;overflow-y:auto;overscroll-behavior:contain;padding:20px 16px 12px;scrollbar-width:thin;scrollbar-color:var(--line) transparent}
.log:focus-visible{outline-offset:-3px;border-radius:4px}
.hello{padding:0 4px 12px}
.hello strong{display:block;font-size:19px;font-weight:650;line-height:1.4;margin-bottom:4px}
.hello p{color:var(--soft);text-wrap:pretty}
.row{display:flex;flex-direction:column;align-items:flex-start;margin-top:10px;position:relative}
.row.joined{margin-top:3px}
.row.customer{align-items:flex-end}
.row.system{align-items:center}
.day{align-self:center;color:var(--soft);font-size:12px;margin:10px 0 12px}
.who{color:var(--soft);font-size:12px;margin:0 4px 3px}
.bubble{max-width:86%;padding:8px 13px;border-radius:16px;background:var(--fill);white-space:pre-wrap;overflow-wrap:anywhere;border-bottom-left-radius:5px}
.customer .bubble{background:var(--accent);color:var(--on);border-bottom-left-radius:16px;border-bottom-right-radius:5px}
.system .bubble{background:none;color:var(--soft);font-size:13px;text-align:center;padding:2px 12px}
.bubble a{color:inherit;text-underline-offset:2px}
.bubble strong{display:block;font-weight:650}
.failed .bubble{outline:2px solid var(--bad);outline-offset:1px}
.bubble.media{padding:0;overflow:hidden}
.media a{display:block;text-decoration:none}
.bubble img{display:block;max-width:100%;max-height:240px;min-height:48px;object-fit:contain;background:var(--fill)}
.file{display:flex;gap:10px;align-items:center;padding:10px 14px}
.file svg{flex:none}
.file b{font-weight:550;display:block;line-height:1.35}
.file small{font-size:12px;opacity:.85}
a[href]:hover .file b{text-decoration:underline}
.foot{display:flex;flex-wrap:wrap;gap:2px 10px;align-items:center;margin:3px 4px 0;color:var(--soft);font-size:12px;max-width:92%}
.customer .foot{justify-content:flex-end}
.foot .error{color:var(--bad);text-align:end}
.foot progress{width:120px;height:6px;accent-color:var(--accent)}
.brief>.foot{display:none}
.choices{display:flex;flex-wrap:wrap;gap:8px;margin:8px 0 2px;max-width:100%}
.choice{display:inline-block;border:1px solid var(--edge);border-radius:18px;padding:6px 14px;text-align:start;line-height:1.4;text-decoration:none;
  color:inherit;background:var(--bg);transition:background .12s;overflow-wrap:anywhere}
.choice:hover:not(:disabled){background:var(--fill)}
.choice:disabled{cursor:default;border-color:var(--line);color:var(--soft)}
.choice[aria-pressed=true]{border-color:var(--accent);box-shadow:inset 0 0 0 1px var(--accent);color:var(--fg)}
.typing{display:flex;gap:8px;align-items:center;margin-top:10px;color:var(--soft);font-size:13px}
.dots{display:flex;gap:4px;padding:13px 14px;border-radius:16px 16px 16px 5px;background:var(--fill)}
.dots i{width:6px;height:6px;border-radius:50%;background:var(--soft);animation:blink 1.2s infinite}
.dots i:nth-child(2){animation-delay:.15s}
.dots i:nth-child(3){animation-delay:.3s}
@keyframes blink{0%,60%,100%{opacity:.35}30%{opacity:1}}
.newer{position:absolute;bottom:10px;left:50%;transform:translateX(-50%);background:var(--fg);color:var(--bg);border-radius:16px;padding:5px 14px;
  font-size:13px;box-shadow:0 2px 8px rgb(0 0 0/.2)}
form{border-top:1px solid var(--line);padding:10px 12px}
.write{display:flex;align-items:flex-end;gap:4px}
textarea{flex:1;min-width:0;resize:none;border:1px solid var(--edge);border-radius:12px;background:var(--bg);padding:8px 12px;line-height:22px;
  height:40px;max-height:128px;outline-offset:0;scrollbar-width:thin}
textarea:focus-visible{outline:2px solid var(--ring);outline-offset:-1px;border-color:transparent}
textarea::placeholder{color:var(--soft);opacity:1}
.send{background:var(--accent);color:var(--on)}
.send:hover{background:var(--accent);color:var(--on);filter:brightness(1.08)}
.send:disabled{background:var(--fill);color:var(--soft);filter:none;cursor:default}
.note{font-size:13px;padding:0 4px 8px}
.note:empty{display:none}
.note.bad{color:var(--bad)}
.drop{outline:3px dashed var(--accent);outline-offset:-8px}
@media(max-width:480px),(max-height:440px){
.panel{inset:0;width:auto;max-width:none;height:100%;height:100dvh;border-radius:0;box-shadow:none;padding:env(safe-area-inset-top) env(safe-area-inset-right) 0 env(safe-area-inset-left)}
textarea{font-size:16px;height:44px;padding:10px 12px}
.tool{width:44px;height:44px}
form{padding-bottom:calc(10px + env(safe-area-inset-bottom))}
}
.page{inset:0;width:auto;max-width:none;height:100%;border-radius:0;box-shadow:none;animation:none}
.page .log,.page form,.page .head{padding-inline:max(16px,calc(50% - 360px))}
@media(prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}.dots i{opacity:.7}}
@media(forced-colors:active){.bubble,.launcher,.send{border:1px solid}}
`;

  // ── Page elements ──

  /**
   * An element with attributes, listeners (function values) and children; strings become text nodes.
   * @template {keyof HTMLElementTagNameMap} K
   * @param {K} tag
   * @param {Record<string, unknown>} [props]
   * @param {Array<Node | string>} children
   * @returns {HTMLElementTagNameMap[K]}
   */
  function h(tag, props = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(props)) {
      if (typeof value === 'function') node.addEventListener(name, /** @type {EventListener} */ (value));
      else if (value !== undefined && value !== false) node.setAttribute(name, value === true ? '' : String(value));
    }
    node.append(...children);
    return node;
  }

  const button = (props, click, ...children) => h('button', { type: 'button', click, ...props }, ...children);

  /** Drawn in a box of 24 × 24. */
  function icon(path) {
    const space = 'http://www.w3.org/2000/svg';
    const svg = document.createElementNS(space, 'svg');
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('aria-hidden', 'true');
    const line = document.createElementNS(space, 'path');
    line.setAttribute('d', path);
    svg.append(line);
    return svg;
  }

  const pictures = {
    chat: 'M20 11.5c0 4-3.6 7-8 7-1 0-2-.2-2.9-.5L4.5 19.5l1.2-3.4C4.6 14.8 4 13.2 4 11.5c0-4 3.6-7 8-7s8 3 8 7Z',
    close: 'M6 6l12 12M18 6L6 18',
    send: 'M12 19V5M5.5 11.5L12 5l6.5 6.5',
    clip: 'M19 11.5l-7.3 7.3a4.5 4.5 0 0 1-6.4-6.4l7.8-7.8a3 3 0 0 1 4.3 4.3l-7.7 7.7a1.5 1.5 0 0 1-2.2-2.2L14.3 7.7',
    file: 'M13 3.5H7A1.5 1.5 0 0 0 5.5 5v14A1.5 1.5 0 0 0 7 20.5h10a1.5 1.5 0 0 0 1.5-1.5V9L13 3.5ZM13 3.5V9h5.5',
  };

  /** The address if it is one of the web, else nothing: never `javascript:` or the like. */
  function webAddress(value) {
    try {
      const url = new URL(String(value));
      return /^https?:$/.test(url.protocol) ? url.href : undefined;
    } catch {
      return undefined;
    }
  }

  const anchor = (href, props, ...children) => (
    h('a', { href, target: '_blank', rel: 'noopener noreferrer', ...props }, ...children));

  /** Text with its web addresses made into links; Chinese text may follow an address without a space. */
  function rich(value) {
    const text = String(value ?? '');
    /** @type {Array<Node | string>} */
    const nodes = [];
    let at = 0;
    for (const found of text.matchAll(/https?:\/\/[^\s<>"'`\u2000-\u206f\u3000-\u9fff\uff00-\uffef]+/gi)) {
      let shownUrl = found[0].replace(/[.,;:!?*_~\]}]+$/, '');
      if (!shownUrl.includes('(')) shownUrl = shownUrl.replace(/\).*$/, '');
      const href = webAddress(shownUrl);
      if (!href) continue;
      nodes.push(text.slice(at, found.index), anchor(href, {}, shownUrl));
      at = found.index + shownUrl.length;
    }
    return [...nodes, text.slice(at)];
  }

  const root = h('div', { id: 'frontdesk', lang: language });
  const shadow = root.attachShadow({ mode: 'open' });
  if (options.theme) root.dataset.theme = options.theme;

  const title = options.title || say.title;
  const tool = (label, picture, click) => button({ class: 'tool', 'aria-label': label, title: label }, click, icon(picture));
  const badge = h('span', { class: 'badge', hidden: true });
  const launcher = button({ class: 'launcher', 'aria-haspopup': 'dialog', 'aria-expanded': 'false' },
    () => open(), icon(pictures.chat), badge);
  const bannerText = h('span');
  const bannerNow = button({ class: 'link' }, () => wake(), say.now);
  const banner = h('div', { class: 'banner', role: 'status', hidden: true }, bannerText, bannerNow);
  const starters = h('div', { class: 'choices' }, ...(options.suggestions ?? '').split('|').filter(Boolean)
    .map((text) => button({ class: 'choice' }, () => send({ type: 'text', text }), text)));
  const dots = h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i'));
  const typingText = h('span', { class: 'quiet' });
  const typing = h('div', { class: 'typing', hidden: true }, dots, typingText);
  const log = h('div', { class: 'log', role: 'log', 'aria-live': 'polite', 'aria-label': say.log, tabindex: '0',
    scroll: () => scrolled() },
    h('div', { class: 'hello' }, h('strong', {}, say.hello), h('p', {}, say.help), starters), typing);
  const newer = button({ class: 'newer', hidden: true }, () => toEnd(), say.newer);
  const note = h('div', { class: 'note', role: 'status' });
  const field = h('textarea', { rows: '1', 'aria-label': say.input, placeholder: say.placeholder, enterkeyhint: 'send',
    input: () => typed(), keydown: entered, paste: pasted });
  const picker = h('input', { type: 'file', accept: FILE_TYPES, hidden: true, change: () => {
    attach(picker.files?.[0]);
    picker.value = '';
    field.focus();
  } });
  const sendButton = h('button', { class: 'tool send', 'aria-label': say.send, disabled: true }, icon(pictures.send));
  const head = h('div', { class: 'head' },
    h('div', {}, h(fullPage ? 'h1' : 'h2', { id: 'title' }, title), h('p', {}, say.subtitle)),
    ...(fullPage ? [] : [tool(say.close, pictures.close, () => close())]));
  const form = h('form', { submit }, note,
    h('div', { class: 'write' }, tool(say.attach, pictures.clip, () => picker.click()), field, sendButton, picker));
  const panel = h('div', { class: fullPage ? 'panel page' : 'panel', role: fullPage ? 'main' : 'dialog',
    'aria-labelledby': 'title', tabindex: '-1', hidden: true,
    keydown: guided, keyup: stop, keypress: stop, dragover: dragged, dragleave: dragged, drop: dragged },
    head, banner, h('div', { class: 'middle' }, log, newer), form);

  function dress() {
    try {
      const sheet = new CSSStyleSheet(); // unlike <style>, allowed by a strict content security policy
      sheet.replaceSync(css);
      shadow.adoptedStyleSheets = [sheet];
    } catch {
      shadow.append(h('style', {}, css));
    }
    const accent = options.accent || query.get('accent') || '';
    if (!CSS.supports('color', accent)) return;
    root.style.setProperty('--accent', accent);
    panel.style.color = accent;
    const [red = 0, green = 0, blue = 0] = (getComputedStyle(panel).color.match(/^rgb.*/)?.[0].match(/[\d.]+/g) ?? []).map((part) => {
      const share = Number(part) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    panel.style.color = '';
    // Where white gives less than 4.5 : 1, black gives more.
    root.style.setProperty('--on', 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.183 ? '#000' : '#fff');
  }

  // ── Messages on the page ──

  /** Puts an entry where its `seq` belongs; its elements stay the same when a message is confirmed. */
  function put(/** @type {Entry} */ entry) {
    entries = entries.filter((other) => other !== entry);
    let place = entries.length;
    while (place && (entries[place - 1]?.seq ?? 0) > entry.seq) place--;
    const next = entries[place]?.view?.row ?? typing;
    entries.splice(place, 0, entry);
    const { row } = entry.view ??= draw(entry);
    if (row.nextSibling !== next) log.insertBefore(row, next);
    if (loaded && !stuck && entry.author !== 'customer') newer.hidden = false;
    paint(entry);
  }

  /**
   * What a message looks like. Unknown events are left out, other unknown content is named as such.
   * @returns {View}
   */
  function draw(/** @type {Entry} */ entry) {
    const { content, content: { type } } = entry;
    const list = (value) => (Array.isArray(value) ? value : []).filter((one) => one?.title);
    const use = ({ title: name, payload }) => button({ class: 'choice', value: payload },
      () => send({ type: 'postback', payload, title: name }), String(name));
    const offer = (one) => {
      const href = webAddress(one.url);
      return one.kind !== 'link' ? use(one) : href ? anchor(href, { class: 'choice' }, String(one.title)) : String(one.title);
    };
    const choices = type === 'quick_replies' ? list(content.replies).map(use) : [];
    const offers = type === 'buttons' || type === 'card' ? list(content.buttons).map(offer) : choices;
    const media = ['image', 'audio', 'video', 'file'].includes(type);
    /** @type {Array<Node | string>} */
    let body = [say.unknown];
    if (media) body = [attachment(content, entry.file)];
    else if (type === 'event') body = [];
    else if (type === 'postback') body = [String(content.title || content.payload)];
    else if (type === 'location') body = [`${content.label ?? ''}\n${content.latitude}, ${content.longitude}`.trim()];
    else if (['text', 'quick_replies', 'buttons', 'card'].includes(type)) body = rich(content.text);
    if (type === 'card') {
      const src = webAddress(content.image_url);
      body.unshift(...(src ? [h('img', { src, alt: '' })] : []), h('strong', {}, String(content.title ?? '')));
    }
    const day = h('div', { class: 'day', hidden: true });
    const name = h('div');
    const foot = h('div', { class: 'foot', 'aria-live': 'off' });
    const row = h('div', { hidden: !body.length }, day, name,
      h('div', { class: media ? 'bubble media' : 'bubble', dir: 'auto' }, ...body),
      h('div', { class: 'choices', hidden: !offers.length }, ...offers), foot);
    return { row, day, who: name, foot, choices };
  }

  const seen = new IntersectionObserver((items) => {
    for (const item of items) {
      if (!item.isIntersecting) continue;
      seen.unobserve(item.target);
      item.target.dispatchEvent(new Event('seen'));
    }
  });

  /** A picture or file. Its address runs out: it is asked for when it comes into sight, and again at a late click. */
  function attachment(content, file) {
    const name = String(content.name || content.type);
    const size = Number(content.size) || 0;
    const about = h('small', {}, size < 1e6 ? `${Math.ceil(size / 1e3)} kB` : `${(size / 1e6).toFixed(1)} MB`);
    const link = h('a', { target: '_blank', rel: 'noopener noreferrer' });
    const picture = (src) => link.replaceChildren(h('img', { src, alt: name, load: () => refresh() }));
    let until = 0;
    async function resolve() {
      try {
        const grant = content.upload ? await api('GET', `/v1/uploads/${encodeURIComponent(content.upload)}`) : content;
        const href = webAddress(grant.url);
        if (!href) throw new Failure(404);
        until = Date.parse(grant.expires_at);
        link.href = href;
      } catch {
        about.textContent = say.noFile;
      }
    }
    link.addEventListener('click', async (event) => {
      if (!(Date.now() > until) || (!content.upload && !content.url)) return;
      event.preventDefault();
      await resolve();
      if (link.href) link.click();
    });
    link.addEventListener('seen', async () => {
      await resolve();
      if (link.href && content.type === 'image') picture(link.href);
    });
    link.append(h('span', { class: 'file' }, icon(pictures.file), h('span', {}, h('b', {}, name), about)));
    if (!file) seen.observe(link);
    else if (content.type === 'image') picture(URL.createObjectURL(file));
    return link;
  }

  /** Draws the line under a message anew when its state has changed; progress moves in place. */
  function paint(/** @type {Entry} */ entry) {
    const foot = entry.view?.foot;
    if (!foot) return;
    const { status, error = '', at } = entry;
    const state = status + error;
    if (foot.dataset.state !== state) {
      foot.dataset.state = state;
      if (foot.contains(shadow.activeElement)) keepFocus();
      const act = (text, click) => button({ class: 'link' }, click, text);
      const when = new Date(at);
      const clock = h('time', { datetime: at }, +when ? when.toLocaleTimeString(language, { timeStyle: 'short' }) : '');
      const parts = {
        uploading: [h('progress', { max: '1', value: '0', 'aria-label': say.uploading }), act(say.cancel, () => entry.cancel?.())],
        sending: [say.sending],
        sent: [clock, say.sent],
        failed: [h('span', { class: 'error', role: 'alert' }, error), act(say.retry, () => retry(entry)), act(say.remove, () => drop(entry))],
      };
      foot.replaceChildren(...parts[status ?? ''] ?? [clock]);
    }
    const bar = foot.querySelector('progress');
    if (bar) bar.value = entry.progress ?? 0;
  }

  let stuck = true; // the view follows the newest message

  /** Brings everything that depends on neighbours and on the state up to date. */
  function refresh(follow = false) {
    stuck ||= follow;
    const now = new Date();
    const visible = entries.filter((entry) => entry.view && !entry.view.row.hidden);
    let usedUp = false;
    /** @type {Entry | undefined} */
    let after;
    for (let i = visible.length - 1; i >= 0; i--) {
      const entry = /** @type {Entry & {view: View}} */ (visible[i]);
      const before = visible[i - 1];
      const { row, day, who: name, choices } = entry.view;
      const at = new Date(entry.at);
      const newDay = before ? new Date(before.at).toDateString() !== at.toDateString() : at.toDateString() !== now.toDateString();
      const joined = !newDay && before?.author === entry.author && +at - +new Date(before.at) < SPELL;
      const known = ['customer', 'bot', 'agent', 'system'].includes(entry.author) ? entry.author : 'bot';
      const spell = after && Math.abs(+new Date(after.at) - +at) < SPELL;
      row.className = `row ${known}${joined ? ' joined' : ''}${entry.status === 'failed' ? ' failed' : ''}${
        (spell && !entry.status) || known === 'system' ? ' brief' : ''}`;
      day.hidden = !newDay;
      if (newDay) setText(day, dayName(at, now));
      name.className = known === 'customer' || known === 'system' || joined ? 'who quiet' : 'who';
      setText(name, say[/** @type {'customer'} */ (known)]);
      for (const choice of choices) {
        choice.disabled = usedUp;
        const chosen = after?.content.type === 'postback' && after.content.payload === choice.value;
        choice.setAttribute('aria-pressed', String(chosen));
      }
      usedUp ||= entry.author === 'customer' || choices.length > 0;
      paint(entry);
      after = entry;
    }
    starters.hidden = visible.length > 0;
    const waiting = Boolean(asked) && unanswered();
    const slow = Date.now() - asked > ANSWER_WITHIN;
    typing.hidden = !waiting;
    dots.hidden = slow;
    typingText.className = slow ? '' : 'quiet';
    setText(typingText, slow ? say.slow : say.typing);
    banner.hidden = navigator.onLine && !unreachable;
    bannerNow.hidden = !navigator.onLine;
    setText(bannerText, navigator.onLine ? say.trouble : say.offline);
    if (stuck) toEnd();
    countUnread();
  }

  function setText(node, text) {
    if (node.textContent !== text) node.textContent = text;
  }

  function dayName(day, now) {
    if (day.toDateString() === now.toDateString()) return say.today;
    if (day.toDateString() === new Date(+now - DAY).toDateString()) return say.yesterday;
    return +day ? day.toLocaleDateString(language, { year: 'numeric', month: 'long', day: 'numeric' }) : '';
  }

  function toEnd() {
    stuck = true;
    newer.hidden = true;
    log.scrollTop = log.scrollHeight;
  }

  function scrolled() {
    stuck = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
    if (stuck) newer.hidden = true;
  }

  function countUnread() {
    const stored = savedView.read() ?? {};
    const read = shown && !document.hidden && last > (stored.read ?? 0) ? last : stored.read ?? 0;
    if (loaded && (read !== stored.read || last !== stored.last)) remember({ read, last });
    const unread = entries.filter(({ author, seq }) => ['bot', 'agent'].includes(author) && seq > read).length;
    badge.hidden = !unread;
    setText(badge, unread > 99 ? '99+' : String(unread));
    launcher.setAttribute('aria-label', unread ? `${say.open} (${say.unread.replace('#', String(unread))})` : say.open);
  }

  // ── Writing ──

  /** Says something about what is being written, or takes it back. */
  function warn(text, bad = true) {
    setText(note, text);
    note.classList.toggle('bad', bad);
  }

  const room = () => MAX_TEXT - [...field.value.trim()].length;

  function typed() {
    const left = room();
    sendButton.disabled = left < 0 || left === MAX_TEXT;
    field.setAttribute('aria-invalid', String(left < 0));
    warn(left < 0 ? say.over.replace('#', String(-left)) : left <= 400 ? say.left.replace('#', String(left)) : '', left < 0);
    field.style.height = 'auto';
    field.style.height = `${field.scrollHeight + 2}px`;
  }

  function entered(event) {
    // Enter also ends the choice of a word in an input method; Safari then only shows the key code.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit(event);
  }

  function submit(event) {
    event.preventDefault();
    const text = field.value.trim();
    if (!text || room() < 0) return;
    send({ type: 'text', text });
    field.value = '';
    typed();
    field.focus();
  }

  function pasted(event) {
    const file = event.clipboardData?.files[0];
    if (!file) return;
    event.preventDefault();
    attach(file);
  }

  function dragged(event) {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    panel.classList.toggle('drop', event.type === 'dragover');
    if (event.type === 'drop') attach(event.dataTransfer.files[0]);
  }

  // ── Opening, closing, start ──

  let shown = false;
  let covering = false;
  let hostOverflow = '';
  const small = matchMedia('(max-width:480px),(max-height:440px)');

  /** Keys in the panel are none of the host page's business. */
  function stop(event) {
    event.stopPropagation();
  }

  /** After something in the panel was used that goes away; the field would call up a phone's keyboard. */
  function keepFocus() {
    if (shown && shadow.activeElement !== field) (small.matches ? log : field).focus({ preventScroll: true });
  }

  /** Tab goes round in the panel, Esc closes it. */
  function guided(event) {
    stop(event);
    if (fullPage || event.isComposing || event.keyCode === 229) return;
    if (event.key === 'Escape') close();
    if (event.key !== 'Tab') return;
    const stops = [...panel.querySelectorAll('button:not(:disabled),textarea,a[href],[tabindex="0"]')]
      .filter((node) => /** @type {HTMLElement} */ (node).getClientRects().length);
    if (event.shiftKey) stops.reverse().push(panel);
    if (!stops.slice(stops.length - (event.shiftKey ? 2 : 1)).includes(/** @type {Element} */ (shadow.activeElement))) return;
    event.preventDefault();
    /** @type {HTMLElement} */ (stops[0]).focus();
  }

  function appear(focus = true) {
    if (!shown) {
      shown = true;
      panel.hidden = false;
      launcher.hidden = !fullPage;
      launcher.setAttribute('aria-expanded', 'true');
      if (!fullPage) remember({ open: true });
      fit();
      goLive();
      refresh();
      if (stuck) toEnd();
      emit('open');
    }
    // On a phone the keyboard would cover the conversation.
    if (focus) (small.matches ? panel : field).focus({ preventScroll: true });
  }

  function open(draft = undefined) {
    appear();
    if (typeof draft !== 'string') return;
    field.value = draft;
    typed();
    field.focus({ preventScroll: true });
  }

  function close() {
    if (!shown || fullPage) return;
    shown = false;
    panel.hidden = true;
    launcher.hidden = false;
    launcher.setAttribute('aria-expanded', 'false');
    remember({ open: false });
    fit();
    refresh();
    launcher.focus({ preventScroll: true });
    emit('close');
  }

  /** On a small screen the panel fills what the keyboard leaves, and the page behind does not scroll. */
  function fit() {
    if (fullPage) return;
    const cover = shown && small.matches;
    const view = window.visualViewport;
    panel.ariaModal = cover ? 'true' : null;
    panel.style.height = cover && view ? `${view.height}px` : '';
    panel.style.top = cover && view ? `${view.offsetTop}px` : '';
    if (cover === covering) return;
    const page = document.documentElement.style;
    if (cover) hostOverflow = page.overflow;
    page.overflow = cover ? 'hidden' : hostOverflow;
    covering = cover;
  }

  /** @param {string | null | undefined} jwt who the customer is, signed by the host's server; nothing after signing out */
  function setIdentity(jwt) {
    identity = jwt || undefined;
    const next = subject(identity);
    if (next === who) return;
    const signedOut = who !== null;
    who = next;
    if (signedOut) { // nothing of the former customer may stay on the screen
      session = null;
      savedSession.write(null);
      startOver(false);
    }
    if (live) ensure().catch(fault);
  }

  function on(name, listener) {
    const all = listeners.get(name) ?? new Set();
    listeners.set(name, all.add(listener));
    return () => all.delete(listener);
  }

  function start() {
    document.body.append(root);
    if (!fullPage) shadow.append(launcher);
    shadow.append(panel);
    dress();
    new ResizeObserver(() => stuck && toEnd()).observe(log);
    window.visualViewport?.addEventListener('resize', fit);
    window.visualViewport?.addEventListener('scroll', fit);
    small.addEventListener('change', fit);
    addEventListener('online', wake);
    addEventListener('offline', () => refresh());
    addEventListener('storage', (event) => {
      const next = event.key === savedSession.name && savedSession.read();
      if (next && session && next.who === who) adopt(next); // another tab has renewed it
      if (event.key === savedView.name) countUnread();
    });
    document.addEventListener('visibilitychange', () => {
      hiddenSince = document.hidden ? Date.now() : 0;
      if (!document.hidden) wake();
      refresh();
    });
    setInterval(ping, PING_EVERY);

    const calls = window.Frontdesk?.calls ?? [];
    const door = { open, close, setIdentity, on };
    window.Frontdesk = door;
    for (const [name, values] of calls) /** @type {any} */ (door)[name]?.(...values);
    refresh();
    const before = savedView.read();
    if (fullPage) {
      document.documentElement.lang = language;
      document.title = title;
      appear(window === window.top);
    } else if (before?.open && !small.matches) appear(false);
    else if (before?.last && savedSession.read()?.who === who) goLive();
    dispatchEvent(new Event('frontdesk:ready'));
  }

  if (document.body) start();
  else addEventListener('DOMContentLoaded', start);
})();
