function start() {
  document.body.append(root);
  if (!fullPage) shadow.append(launcher);
  shadow.append(panel);
  dress();
  new ResizeObserver(() => stuck && toEnd()).observe(log);
  window.visualViewport?.addEventListener('resize', fit);
  window.visualViewport?.addEventListener('scroll', fit);
  small.addEventListener('change', fit);
  addEventListener('online', wake);
  addEventListener('offline', () => refresh());
  addEventListener('storage', (event) => {
    const next = event.key === savedSession.name && savedSession.read();
    if (next && session && next.who === who) adopt(next); // another tab has renewed it
    if (event.key === savedView.name) countUnread();
  });
  document.addEventListener('visibilitychange', () => {
    hiddenSince = document.hidden ? Date.now() : 0;
    if (!document.hidden) wake();
    refresh();
  });
  setInterval(ping, PING_EVERY);

  const calls = window.Frontdesk?.calls ?? [];
  const door = { open, close, setIdentity, on };
  window.Frontdesk = door;
  for (const [name, values] of calls) /** @type {any} */ (door)[name]?.(...values);
  refresh();
  const before = savedView.read();
  if (fullPage) {
    document.documentElement.lang = language;
    document.title = title;
    appear(window === window.top);
  } else if (before?.open && !small.matches) appear(false);
  else if (before?.last && savedSession.read()?.who === who) goLive();
  dispatchEvent(new Event('frontdesk:ready'));
}

if (document.body) start();
else addEventListener('DOMContentLoaded', start);
