/** Storage of the browser; memory where it is blocked. */
function store(/** @type {'localStorage' | 'sessionStorage'} */ area, name) {
  let copy = null;
  let blocked = false;
  return {
    name,
    read() {
      if (blocked) return copy;
      try {
        return JSON.parse(window[area].getItem(name) || 'null');
      } catch {
        return copy;
      }
    },
    write(value) {
      copy = value;
      try {
        window[area].setItem(name, JSON.stringify(value));
      } catch {
        blocked = true;
      }
    },
  };
}

const savedSession = store('localStorage', `frontdesk:${base}`);
const savedView = store('localStorage', `frontdesk:${base}:view`); // {open, visitor, read, last}
const savedOutbox = store('sessionStorage', `frontdesk:${base}:outbox`); // {visitor, entries}
const remember = (change) => savedView.write({ ...savedView.read(), ...change });
