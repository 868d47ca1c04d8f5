const pause = (ms) => new Promise((done) => setTimeout(done, ms));
/** Doubles, with jitter: pages cut off together do not come back together. */
const backoff = (tries, most = 60_000) => Math.min(most, 1000 * 2 ** tries) * (0.5 + Math.random() / 2);
const ignore = () => {};

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
      method,
      headers,
      body: body && JSON.stringify(body),
      signal: stop.signal,
      credentials: 'omit',
      cache: 'no-store',
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

async function api(method, path, /** @type {Call} */ call = {}) {
  const { token } = await ensure();
  try {
    return await http(method, path, { ...call, token });
  } catch (error) {
    if (/** @type {Failure} */ (error).status !== 401) throw error;
    return http(method, path, { ...call, token: (await ensure(token)).token });
  }
}
