let live = false;
/** @type {WebSocket | null} */
let socket = null;
/** Treats the current socket as lost. */
let giveUp = ignore;
/** @type {AbortController | null} */
let polling = null;
let refusals = 0; // sockets in a row that never opened
let tries = 0; // reconnects since the last socket that held
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
  const closed = (giveUp = () => {
    clearTimeout(deadline);
    if (socket !== next) return;
    socket = null;
    next.close();
    if (!opened) refusals++;
    else if (Date.now() - opened > 10_000) tries = 0;
    if (!opened) sync().catch(fault); // tells a refused token from a missing network
    again();
  });
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
    } catch {
      // Not a message.
    }
  };
  next.onclose = closed;
}

/** After a lost or refused socket; one long poll at a time takes over from the second refusal. */
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

/** Asks for a sign of life: a dead connection may look open. */
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
  const mine = (polling = new AbortController());
  for (let failures = 0; !mine.signal.aborted;) {
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
