// What the page asks the sandbox.

/** Who the page's visitor is on every channel: a name, from which each provider's id follows. */
export const visitor = (() => {
  const kept = sessionStorage.getItem('sandbox-visitor');
  const name = kept ?? `page-${crypto.randomUUID().slice(0, 8)}`;
  sessionStorage.setItem('sandbox-visitor', name);
  return name;
})();

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 */
async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? String(response.status));
  return answer;
}

/**
 * The visitor does something on a channel.
 * @param {string} channel
 * @param {object} what as `POST /say` has it
 */
export const say = (channel, what) => call('POST', '/say', { channel, user: visitor, ...what });

/**
 * A provider checks the webhook's address.
 * @param {string} channel
 */
export const check = (channel) => call('POST', '/check', { channel });

export const setFault = (fault) => call('POST', '/faults', fault);
export const dueFaults = () => call('GET', '/faults');
export const clear = () => call('DELETE', '/outbox');
export const identity = async () => (await call('GET', `/identity?user=${visitor}`)).identity;

/**
 * Follows what happens, for ever: to the page's visitor, or to another customer on one channel.
 * @param {(entry: any) => void} happened
 * @param {(online: boolean) => void} online
 * @param {{user: string, channel: string}} whose
 */
export async function follow(happened, online, whose = { user: visitor, channel: '' }) {
  const of = new URLSearchParams(whose);
  let after = 0;
  for (;;) {
    try {
      const entries = await call('GET', `/feed?${of}&after=${after}&wait=25`);
      online(true);
      for (const entry of entries) {
        after = entry.id;
        happened(entry);
      }
    } catch {
      online(false);
      await new Promise((done) => setTimeout(done, 2000));
    }
  }
}
