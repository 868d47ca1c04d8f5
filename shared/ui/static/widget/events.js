/** @type {Map<string, Set<Function>>} */
const listeners = new Map();
/** @param {unknown} [value] */
const emit = (name, value) => listeners.get(name)?.forEach((listener) => queueMicrotask(() => listener(value)));

function on(name, listener) {
  const all = listeners.get(name) ?? new Set();
  listeners.set(name, all.add(listener));
  return () => all.delete(listener);
}
