function attach(file) {
  if (!file) return;
  const mime = file.type.split(';')[0] ?? '';
  const known = FILE_TYPES.split(',').includes(mime);
  const unfit = !known ? say.fileType : file.size > MAX_FILE ? say.fileSize : file.size ? '' : say.fileEmpty;
  warn(unfit);
  if (unfit) return;
  const kind = mime.split('/')[0] ?? '';
  const type = ['image', 'audio', 'video'].includes(kind) ? kind : 'file';
  upload(
    add({ content: { type, name: file.name.slice(-200) || type, mime, size: file.size }, status: 'uploading', file }),
  );
}

async function upload(/** @type {Entry} */ entry) {
  const file = /** @type {File} */ (entry.file);
  const { name, mime, size } = entry.content;
  const stop = new AbortController();
  entry.status = 'uploading';
  entry.progress = 0;
  entry.cancel = () => {
    stop.abort();
    drop(entry);
  };
  refresh();
  try {
    const grant = await api('POST', '/v1/uploads', { body: { name, mime, size }, signal: stop.signal });
    await post(grant, file, stop.signal, (share) => {
      entry.progress = share;
      paint(entry);
    });
    if (stop.signal.aborted) return;
    entry.content.upload = grant.upload;
    entry.file = undefined;
    entry.status = 'sending';
    saveOutbox();
    refresh();
    drain();
  } catch (error) {
    if (stop.signal.aborted) return;
    fail(entry, /** @type {Failure} */ (error));
    refresh();
  }
}

/** By XMLHttpRequest, because fetch tells nothing about progress. */
function post(grant, file, signal, progress) {
  return new Promise((done, failed) => {
    const form = new FormData();
    for (const name in grant.fields) form.append(name, grant.fields[name]);
    form.append('file', file); // S3 ignores fields after the file
    const request = new XMLHttpRequest();
    request.open('POST', grant.url);
    request.upload.onprogress = (event) => progress(event.loaded / event.total);
    request.onload = () => (request.status < 300 ? done(0) : failed(new Failure(request.status)));
    request.onerror = request.ontimeout = request.onabort = () => failed(new Failure(0));
    signal.addEventListener('abort', () => request.abort());
    request.send(form);
  });
}
