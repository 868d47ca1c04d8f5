const root = h('div', { id: 'frontdesk', lang: language });
const shadow = root.attachShadow({ mode: 'open' });
if (options.theme) root.dataset.theme = options.theme;

const title = options.title || say.title;
const tool = (label, picture, click) =>
  button({ class: 'tool', 'aria-label': label, title: label }, click, icon(picture));
const badge = h('span', { class: 'badge', hidden: true });
const launcher = button(
  { class: 'launcher', 'aria-haspopup': 'dialog', 'aria-expanded': 'false' },
  () => open(),
  icon(pictures.chat),
  badge,
);
const bannerText = h('span');
const bannerNow = button({ class: 'link' }, () => wake(), say.now);
const banner = h('div', { class: 'banner', role: 'status', hidden: true }, bannerText, bannerNow);
const starters = h(
  'div',
  { class: 'choices' },
  ...(options.suggestions ?? '')
    .split('|')
    .filter(Boolean)
    .map((text) => button({ class: 'choice' }, () => send({ type: 'text', text }), text)),
);
const dots = h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i'));
const typingText = h('span', { class: 'quiet' });
const typing = h('div', { class: 'typing', hidden: true }, dots, typingText);
const log = h(
  'div',
  { class: 'log', role: 'log', 'aria-live': 'polite', 'aria-label': say.log, tabindex: '0', scroll: () => scrolled() },
  h('div', { class: 'hello' }, h('strong', {}, say.hello), h('p', {}, say.help), starters),
  typing,
);
const newer = button({ class: 'newer', hidden: true }, () => toEnd(), say.newer);
const note = h('div', { class: 'note', role: 'status' });
const field = h('textarea', {
  rows: '1',
  'aria-label': say.input,
  placeholder: say.placeholder,
  enterkeyhint: 'send',
  input: () => typed(),
  keydown: entered,
  paste: pasted,
});
const picker = h('input', {
  type: 'file',
  accept: FILE_TYPES,
  hidden: true,
  change: () => {
    attach(picker.files?.[0]);
    picker.value = '';
    field.focus();
  },
});
const sendButton = h('button', { class: 'tool send', 'aria-label': say.send, disabled: true }, icon(pictures.send));
const head = h(
  'div',
  { class: 'head' },
  h('div', {}, h(fullPage ? 'h1' : 'h2', { id: 'title' }, title), h('p', {}, say.subtitle)),
  ...(fullPage ? [] : [tool(say.close, pictures.close, () => close())]),
);
const write = h(
  'div',
  { class: 'write' },
  tool(say.attach, pictures.clip, () => picker.click()),
  field,
  sendButton,
  picker,
);
const form = h('form', { submit }, note, write);
const panel = h(
  'div',
  {
    class: fullPage ? 'panel page' : 'panel',
    role: fullPage ? 'main' : 'dialog',
    'aria-labelledby': 'title',
    tabindex: '-1',
    hidden: true,
    keydown: guided,
    keyup: stop,
    keypress: stop,
    dragover: dragged,
    dragleave: dragged,
    drop: dragged,
  },
  head,
  banner,
  h('div', { class: 'middle' }, log, newer),
  form,
);
