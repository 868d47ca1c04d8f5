// The chat widget. Whatever comes from the API, the visitor or the host page reaches the document as text nodes only.
(() => {
  'use strict';
  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  if (!script || (window.Frontdesk && !window.Frontdesk.calls)) return;

  // Parts of one scope, in the order that their constants need.
{{include:widget/settings.js}}
{{include:widget/texts.js}}
{{include:widget/storage.js}}
{{include:widget/calls.js}}
{{include:widget/session.js}}
{{include:widget/events.js}}
{{include:widget/conversation.js}}
{{include:widget/outbox.js}}
{{include:widget/sending.js}}
{{include:widget/uploads.js}}
{{include:widget/live.js}}
{{include:widget/elements.js}}
{{include:widget/markdown.js}}
{{include:widget/layout.js}}
{{include:widget/style.js}}
{{include:widget/messages.js}}
{{include:widget/attachment.js}}
{{include:widget/refresh.js}}
{{include:widget/writing.js}}
{{include:widget/panel.js}}
{{include:widget/start.js}}
})();
