/** One message at a time, so that they arrive in the order written. */
let draining = false;
/** When the last message was taken; 0 when nothing is being answered. */
let asked = 0;

/** Without TLS there is no `randomUUID`, but an object URL ends with one. */
const newId = () => crypto.randomUUID?.() ?? URL.createObjectURL(new Blob()).slice(-36);

function send(content) {
  add({ content, status: 'sending' });
  drain();
  keepFocus();
}

/** @returns {BlankEntry} */
const blank = () => ({ id: '', seq: Infinity, author: 'customer', at: new Date().toISOString() });

function add(/** @type {NewEntry} */ entry) {
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
  for (let next; (next = entries.find((entry) => pending(entry) && entry.status === 'sending'));) await deliver(next);
  draining = false;
}

async function deliver(/** @type {Entry} */ entry) {
  for (let tries = 0; entry.status === 'sending'; tries++) {
    try {
      const { client_id, content } = entry;
      const { id } = await api('POST', '/v1/messages', { body: { client_id, content } });
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
  entry.error =
    failure.status === 0
      ? say.network
      : failure.status === 429
        ? say.busy
        : failure.passing || (failure.status < 404 && failure.status > 400)
          ? say.server
          : say.refused;
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

/** A push can get lost with a dying connection. */
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
  const spoken = entries.filter(
    ({ author, status }) => author !== 'system' && status !== 'failed' && status !== 'uploading',
  );
  const agent = spoken.filter((entry) => entry.author !== 'customer').pop()?.author === 'agent';
  const latest = spoken[spoken.length - 1];
  return !agent && latest?.author === 'customer' && latest.status !== 'sending';
}
