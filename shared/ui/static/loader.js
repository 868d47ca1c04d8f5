// The stable address of the widget (`/widget.js`): finds out where the API is and loads the current build from there.
(() => {
  const tag = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  if (!tag || window.Frontdesk) return;

  // Calls made before the widget is there are kept and repeated by it.
  /** @type {Array<[string, unknown[]]>} */
  const calls = [];
  const keep =
    (/** @type {string} */ name) =>
    (/** @type {unknown[]} */ ...values) =>
      void calls.push([name, values]);
  window.Frontdesk = {
    calls,
    open: keep('open'),
    close: keep('close'),
    setIdentity: keep('setIdentity'),
    on: keep('on'),
  };

  const widget = document.createElement('script');
  Object.assign(widget.dataset, tag.dataset);
  widget.async = true;
  widget.nonce = tag.nonce;
  widget.src = new URL('static/{{asset:widget.js}}', tag.src).href;
  document.head.append(widget);
})();
