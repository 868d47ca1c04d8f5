/** In order of `seq`; last what is not yet confirmed. @type {Entry[]} */
let entries = [];
/** Every message up to here has arrived. */
let last = 0;
/** What comes now is news. */
let loaded = false;
/** Pushed ones that wait for those before them. @type {Map<number, Entry>} */
const early = new Map();
/** @type {Promise<void> | null} */
let syncing = null;

const pending = (/** @type {Entry} */ entry) => entry.seq === Infinity;
const same = (a, b) => a.type === b.type && (a.text ?? a.payload ?? a.upload) === (b.text ?? b.payload ?? b.upload);

/** Takes fetched messages; what is missing among them has expired. */
function take(messages) {
  for (const message of messages) if (Number.isInteger(message?.seq) && message.content) accept(message);
  for (let next; (next = early.get(last + 1));) accept(next);
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
  // The push may be quicker than the response that tells the id; then the content decides.
  const own =
    author === 'customer' &&
    (entries.find((entry) => pending(entry) && entry.id === id) ??
      entries.find((entry) => pending(entry) && !entry.id && same(entry.content, content)));
  const message = { id, seq, author, content, at };
  const entry = own ? Object.assign(own, message, { status: undefined, error: undefined }) : message;
  if (loaded && author === 'customer') asked = Date.now();
  put(entry);
  saveOutbox();
  if (loaded) emit('message', { ...message });
}

/** Fetches what came after `last`; callers share one run. */
function sync() {
  return (syncing ??= fetchNewer().finally(() => {
    syncing = null;
  }));
}

async function fetchNewer() {
  for (let holes = 0; ; holes++) {
    for (let more = true; more;) {
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

/** Begins another visitor's conversation: the same person's after a sign-in or the end of a session. */
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
