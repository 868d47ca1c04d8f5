/** Puts an entry where its `seq` belongs; its elements stay when it is confirmed. */
function put(/** @type {Entry} */ entry) {
  entries = entries.filter((other) => other !== entry);
  let place = entries.length;
  while (place && (entries[place - 1]?.seq ?? 0) > entry.seq) place--;
  const next = entries[place]?.view?.row ?? typing;
  entries.splice(place, 0, entry);
  const { row } = (entry.view ??= draw(entry));
  if (row.nextSibling !== next) log.insertBefore(row, next);
  if (loaded && !stuck && entry.author !== 'customer') newer.hidden = false;
  paint(entry);
}

/** Leaves out events, and names other unknown content as such. @returns {View} */
function draw(/** @type {Entry} */ entry) {
  const { content } = entry;
  const { type } = content;
  // What a customer wrote stands as they wrote it.
  const prose = entry.author === 'customer' ? rich : markdown;
  const list = (value) => (Array.isArray(value) ? value : []).filter((one) => one?.title);
  const use = ({ title: name, payload }) =>
    button({ class: 'choice', value: payload }, () => send({ type: 'postback', payload, title: name }), String(name));
  const offer = (one) => {
    const href = webAddress(one.url);
    return one.kind !== 'link'
      ? use(one)
      : href
        ? anchor(href, { class: 'choice' }, String(one.title))
        : String(one.title);
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
  else if (['text', 'quick_replies', 'buttons', 'card'].includes(type)) body = prose(content.text);
  if (type === 'card') {
    const src = webAddress(content.image_url);
    body.unshift(...(src ? [h('img', { src, alt: '' })] : []), h('strong', { class: 'title' }, String(content.title ?? '')));
  }
  const day = h('div', { class: 'day', hidden: true });
  const name = h('div');
  const foot = h('div', { class: 'foot', 'aria-live': 'off' });
  const row = h(
    'div',
    { hidden: !body.length },
    day,
    name,
    h('div', { class: media ? 'bubble media' : 'bubble', dir: 'auto' }, ...body),
    h('div', { class: 'choices', hidden: !offers.length }, ...offers),
    foot,
  );
  return { row, day, who: name, foot, choices };
}

/** Draws the line under a message, anew only when its state has changed. */
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
      uploading: [
        h('progress', { max: '1', value: '0', 'aria-label': say.uploading }),
        act(say.cancel, () => entry.cancel?.()),
      ],
      sending: [say.sending],
      sent: [clock, say.sent],
      failed: [
        h('span', { class: 'error', role: 'alert' }, error),
        act(say.retry, () => retry(entry)),
        act(say.remove, () => drop(entry)),
      ],
    };
    foot.replaceChildren(...(parts[status ?? ''] ?? [clock]));
  }
  const bar = foot.querySelector('progress');
  if (bar) bar.value = entry.progress ?? 0;
}
