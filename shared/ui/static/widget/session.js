/** @type {string | undefined} */
let identity =
  options.identity || (fullPage && new URLSearchParams(location.hash.slice(1)).get('identity')) || undefined;
let who = subject(identity);
/** @type {Session | null} */
let session = null;
/** @type {Promise<Session> | null} */
let acquiring = null;

/** A short mark of the customer that an identity names, the same in renewed tokens. */
function subject(jwt) {
  if (!jwt) return null;
  let name = jwt;
  try {
    name = String(JSON.parse(atob((jwt.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/'))).sub ?? jwt);
  } catch {
    // The API refuses it.
  }
  let mark = 5381;
  for (const unit of name) mark = ((mark * 33) ^ (unit.codePointAt(0) ?? 0)) >>> 0;
  return mark.toString(36);
}

/** Of this customer and language, and far from its end or only just renewed. */
const usable = (/** @type {Session} */ s) =>
  s.who === who &&
  s.locale === locale &&
  (Date.parse(s.expires_at) - Date.now() > DAY || Date.now() - s.renewed < DAY / 24);

/** @param {string} [refused] a token that the API did not take */
async function ensure(refused = '') {
  if (session && session.token !== refused && usable(session)) return session;
  return (acquiring ??= alone(() => acquire(refused)).finally(() => {
    acquiring = null;
  }));
}

/** Two tabs that open at once must not make two visitors. */
const alone = (job) => (navigator.locks ? navigator.locks.request(savedSession.name, job) : job());

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

/** @param {string | null} [jwt] signed by the host's server; nothing after signing out */
function setIdentity(jwt) {
  identity = jwt || undefined;
  const next = subject(identity);
  if (next === who) return;
  const signedOut = who !== null;
  who = next;
  // Nothing of the former customer may stay on the screen.
  if (signedOut) {
    session = null;
    savedSession.write(null);
    startOver(false);
  }
  if (live) ensure().catch(fault);
}
