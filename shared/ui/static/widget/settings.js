const DAY = 86_400_000;
const MAX_TEXT = 4000;
const MAX_FILE = 10 * 1024 * 1024;
const FILE_TYPES =
  'image/png,image/jpeg,image/gif,image/webp,application/pdf,text/plain,' +
  'audio/mpeg,audio/ogg,audio/webm,audio/mp4,video/mp4,video/webm';
const PING_EVERY = 300_000; // the socket gateway drops what is silent for ten minutes
const ANSWER_WITHIN = 30_000; // how long "is typing" is shown
const HIDDEN_LONG = 300_000; // a hidden page stops polling after this
const SPELL = 300_000; // messages this close share one time

const options = script.dataset;
const fullPage = options.mode === 'page';
const query = new URLSearchParams(fullPage ? location.search : '');
const base = (options.api || new URL('..', script.src).href).replace(/\/+$/, '');
const wanted =
  options.locale || query.get('locale') || (!fullPage && document.documentElement.lang) || navigator.language;
const locale = /^zh/i.test(wanted) ? 'zh' : 'en';
const language = locale === 'zh' ? 'zh-CN' : 'en';
