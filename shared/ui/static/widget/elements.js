/** @type {MakeElement} */
const h = (tag, props = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') node.addEventListener(name, /** @type {EventListener} */ (value));
    else if (value !== undefined && value !== false) node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children);
  return node;
};

const button = (props, click, ...children) => h('button', { type: 'button', click, ...props }, ...children);

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

/** The address if it is one of the web, or of these: never `javascript:` or the like. */
function webAddress(value, schemes = /^https?:$/) {
  try {
    const url = new URL(String(value));
    return schemes.test(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

const anchor = (href, props, ...children) =>
  h('a', { href, target: '_blank', rel: 'noopener noreferrer', ...props }, ...children);

/** Makes web addresses into links; Chinese text may follow one without a space. */
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
