let restored = false;

/** Unconfirmed messages survive a reload; by their client_id none is taken twice. */
function saveOutbox() {
  if (!session || !restored) return;
  const kept = entries
    .filter((entry) => pending(entry) && !entry.file)
    .map(({ id, author, content, at, client_id, status }) => ({ id, seq: 0, author, content, at, client_id, status }));
  savedOutbox.write(kept.length ? { visitor: session.visitor_id, entries: kept } : null);
}

function restoreOutbox() {
  if (restored) return;
  restored = true;
  const kept = savedOutbox.read();
  for (const entry of kept && kept.visitor === session?.visitor_id ? kept.entries : []) {
    put({ ...entry, seq: Infinity, error: entry.status === 'failed' ? say.network : undefined });
  }
  refresh();
  drain();
}
