let shown = false;
let covering = false;
let hostOverflow = '';
const small = matchMedia('(max-width:480px),(max-height:440px)');

/** Keys in the panel are none of the host page's business. */
function stop(event) {
  event.stopPropagation();
}

/** When what was used goes away. On a phone the field would call up the keyboard. */
function keepFocus() {
  if (shown && shadow.activeElement !== field) (small.matches ? log : field).focus({ preventScroll: true });
}

/** Tab goes round in the panel, Esc closes it. */
function guided(event) {
  stop(event);
  if (fullPage || event.isComposing || event.keyCode === 229) return;
  if (event.key === 'Escape') close();
  if (event.key !== 'Tab') return;
  const stops = [...panel.querySelectorAll('button:not(:disabled),textarea,a[href],[tabindex="0"]')].filter(
    (node) => /** @type {HTMLElement} */ (node).getClientRects().length,
  );
  if (event.shiftKey) stops.reverse().push(panel);
  if (!stops.slice(stops.length - (event.shiftKey ? 2 : 1)).includes(/** @type {Element} */ (shadow.activeElement)))
    return;
  event.preventDefault();
  /** @type {HTMLElement} */ (stops[0]).focus();
}

function appear(focus = true) {
  if (!shown) {
    shown = true;
    panel.hidden = false;
    launcher.hidden = !fullPage;
    launcher.setAttribute('aria-expanded', 'true');
    if (!fullPage) remember({ open: true });
    fit();
    goLive();
    refresh();
    if (stuck) toEnd();
    emit('open');
  }
  if (focus) (small.matches ? panel : field).focus({ preventScroll: true });
}

function open(draft = undefined) {
  appear();
  if (typeof draft !== 'string') return;
  field.value = draft;
  typed();
  field.focus({ preventScroll: true });
}

function close() {
  if (!shown || fullPage) return;
  shown = false;
  panel.hidden = true;
  launcher.hidden = false;
  launcher.setAttribute('aria-expanded', 'false');
  remember({ open: false });
  fit();
  refresh();
  launcher.focus({ preventScroll: true });
  emit('close');
}

/** On a small screen the panel fills what the keyboard leaves. */
function fit() {
  if (fullPage) return;
  const cover = shown && small.matches;
  const view = window.visualViewport;
  panel.ariaModal = cover ? 'true' : null;
  panel.style.height = cover && view ? `${view.height}px` : '';
  panel.style.top = cover && view ? `${view.offsetTop}px` : '';
  if (cover === covering) return;
  const page = document.documentElement.style;
  if (cover) hostOverflow = page.overflow;
  page.overflow = cover ? 'hidden' : hostOverflow;
  covering = cover;
}
