// The demo shop: chooses the language and embeds the chat in the variant that the page asks for.
(() => {
  'use strict';
  const stack = window.FRONTDESK_STACK;
  const asked = new URLSearchParams(location.search).get('lang') ?? navigator.language;
  const locale = /^zh/i.test(asked) ? 'zh' : 'en';
  const title = { zh: '松灯客服', en: 'Lantern & Pine' }[locale];
  const suggestions = {
    zh: '你们几天能发货？|怎么退货？|怎么开发票？',
    en: 'When will my order ship?|How do I return a broken item?|Can I get an invoice?',
  }[locale];
  document.documentElement.lang = { zh: 'zh-CN', en: 'en' }[locale];

  /** Both variants as a site owner would write them. */
  const embeds = {
    script() {
      const script = document.createElement('script');
      script.async = true;
      script.src = `${stack?.api_url}/widget.js`;
      Object.assign(script.dataset, { locale, title, accent: '#1f5c4a', suggestions });
      document.body.append(script);
      return script;
    },
    iframe() {
      const frame = document.createElement('iframe');
      frame.src = `${stack?.api_url}/chat?locale=${locale}`;
      frame.title = title;
      document.querySelector('[data-frame]')?.append(frame);
      return frame;
    },
  };

  addEventListener('DOMContentLoaded', () => {
    document.title = { zh: '松灯 · 演示商店', en: 'Lantern & Pine · demo shop' }[locale];
    for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (
      document.querySelectorAll('nav a:not(.switch), a.brand')
    )) {
      link.search = `lang=${locale}`;
    }
    const snippet = document.querySelector('[data-snippet]');
    if (!stack) {
      if (snippet) snippet.textContent = 'stack.js: no stack is running; start one with `cargo local up`';
      return;
    }
    const embed = embeds[/** @type {'script' | 'iframe'} */ (document.body.dataset.embed)]();
    if (snippet)
      snippet.textContent = embed.outerHTML.replace('async=""', 'async').replace(/ (?=data-|title=)/g, '\n  ');
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-ask]'))) {
      button.addEventListener('click', () => window.Frontdesk?.open(button.dataset.ask));
    }
  });
})();
