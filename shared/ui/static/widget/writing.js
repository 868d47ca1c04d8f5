function warn(text, bad = true) {
  setText(note, text);
  note.classList.toggle('bad', bad);
}

const room = () => MAX_TEXT - [...field.value.trim()].length;

function typed() {
  const left = room();
  sendButton.disabled = left < 0 || left === MAX_TEXT;
  field.setAttribute('aria-invalid', String(left < 0));
  warn(
    left < 0 ? say.over.replace('#', String(-left)) : left <= 400 ? say.left.replace('#', String(left)) : '',
    left < 0,
  );
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight + 2}px`;
}

function entered(event) {
  // Enter also ends a word in an input method; in Safari only the key code tells.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  submit(event);
}

function submit(event) {
  event.preventDefault();
  const text = field.value.trim();
  if (!text || room() < 0) return;
  send({ type: 'text', text });
  field.value = '';
  typed();
  field.focus();
}

function pasted(event) {
  const file = event.clipboardData?.files[0];
  if (!file) return;
  event.preventDefault();
  attach(file);
}

function dragged(event) {
  if (!event.dataTransfer?.types.includes('Files')) return;
  event.preventDefault();
  panel.classList.toggle('drop', event.type === 'dragover');
  if (event.type === 'drop') attach(event.dataTransfer.files[0]);
}
