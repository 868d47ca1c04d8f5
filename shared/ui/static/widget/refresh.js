let stuck = true; // the view follows the newest message

/** Draws anew what depends on neighbours and on the state. */
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
    const newDay = before
      ? new Date(before.at).toDateString() !== at.toDateString()
      : at.toDateString() !== now.toDateString();
    const joined = !newDay && before?.author === entry.author && +at - +new Date(before.at) < SPELL;
    const known = ['customer', 'bot', 'agent', 'system'].includes(entry.author) ? entry.author : 'bot';
    const spell = after && Math.abs(+new Date(after.at) - +at) < SPELL;
    row.className = `row ${known}${joined ? ' joined' : ''}${entry.status === 'failed' ? ' failed' : ''}${
      (spell && !entry.status) || known === 'system' ? ' brief' : ''
    }`;
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
  const read = shown && !document.hidden && last > (stored.read ?? 0) ? last : (stored.read ?? 0);
  if (loaded && (read !== stored.read || last !== stored.last)) remember({ read, last });
  const unread = entries.filter(({ author, seq }) => ['bot', 'agent'].includes(author) && seq > read).length;
  badge.hidden = !unread;
  setText(badge, unread > 99 ? '99+' : String(unread));
  launcher.setAttribute('aria-label', unread ? `${say.open} (${say.unread.replace('#', String(unread))})` : say.open);
}
