/** What is marked in a line, by the rules of the other channels (shared/channels/src/markup). */
const marked = (() => {
  const open = '\\p{Ps}\\p{Pi}';
  const close = '\\p{Pe}\\p{Pf},.;:!?%，。、；：！？…';
  const beside = `[\\s*_"${open}${close}]`;
  const parts = [
    'https?://[^\\s<>"`\\x7f-\\uffff]*',
    '\\[([^[\\]]+)\\]\\(((?:https?://|mailto:|tel:)(?:[^\\s()]|\\([^\\s()]*\\))+)\\)',
    '(?<!`)`([^`]+)`(?!`)',
    `(?<![*A-Za-z0-9])\\*\\*(?![\\s*${close}])(.+?)(?<![\\s*${open}])\\*\\*(?![*A-Za-z0-9])`,
    `(?<=^|${beside})([*_])(?<!\\5\\5)(?!\\5)(?=[\\p{L}\\p{N}*_\`"${open}])((?:(?!\\5).)+)(?<![\\s${open}])\\5(?!\\5)(?=$|${beside})`,
  ];
  return new RegExp(parts.join('|'), 'gu');
})();

/** @returns {Array<Node | string>} */
function inlines(/** @type {string} */ text, linked = false) {
  /** @type {Array<Node | string>} */
  const nodes = [];
  let at = 0;
  const plain = (to) => nodes.push(...(linked ? [text.slice(at, to)] : rich(text.slice(at, to))));
  for (const { 0: whole, 1: title, 2: url, 3: code, 4: bold, 6: italic, index } of text.matchAll(marked)) {
    const href = url && webAddress(url, /^(https?|mailto|tel):$/);
    const words = code ?? title ?? bold ?? italic;
    if (!words?.trim() || (title ? !href : !code && !/[\p{L}\p{N}]/u.test(words))) continue;
    plain(index);
    at = index + whole.length;
    const inner = code ? [code] : inlines(words, !!href || linked);
    nodes.push(href ? anchor(href, {}, ...inner) : h(code ? 'code' : bold ? 'strong' : 'em', {}, ...inner));
  }
  plain(text.length);
  return nodes;
}

/** Draws the light Markdown of answers: what is not surely markup is text. */
function markdown(value) {
  /** @type {Array<Node | string>} */
  const nodes = [];
  /** @type {HTMLElement | undefined} */
  let list;
  for (const line of String(value ?? '').split(/\r?\n/)) {
    const [, title, number, item] = /^(?:#{1,6}\s+(\S.*)|(?:-|(\d{1,3})\.) +(\S.*))$/.exec(line) ?? [];
    const kind = number ? 'ol' : 'ul';
    if (item) {
      if (list?.localName !== kind) nodes.push((list = h(kind)));
      list.append(h('li', { value: number }, ...inlines(item)));
    } else {
      if (nodes.length && !list) nodes.push('\n');
      nodes.push(...(title ? [h('strong', {}, ...inlines(title))] : inlines(line)));
      list = undefined;
    }
  }
  return nodes;
}
