const seen = new IntersectionObserver((items) => {
  for (const item of items) {
    if (!item.isIntersecting) continue;
    seen.unobserve(item.target);
    item.target.dispatchEvent(new Event('seen'));
  }
});

/** Its address runs out, so it is asked for in sight, and again at a late click. */
function attachment(content, file) {
  const name = String(content.name || content.type);
  const size = Number(content.size) || 0;
  const about = h('small', {}, size < 1e6 ? `${Math.ceil(size / 1e3)} kB` : `${(size / 1e6).toFixed(1)} MB`);
  const link = h('a', { target: '_blank', rel: 'noopener noreferrer' });
  const picture = (src) => link.replaceChildren(h('img', { src, alt: name, load: () => refresh() }));
  let until = 0;
  async function resolve() {
    try {
      const grant = content.upload ? await api('GET', `/v1/uploads/${encodeURIComponent(content.upload)}`) : content;
      const href = webAddress(grant.url);
      if (!href) throw new Failure(404);
      until = Date.parse(grant.expires_at);
      link.href = href;
    } catch {
      about.textContent = say.noFile;
    }
  }
  link.addEventListener('click', async (event) => {
    if (!(Date.now() > until) || (!content.upload && !content.url)) return;
    event.preventDefault();
    await resolve();
    if (link.href) link.click();
  });
  link.addEventListener('seen', async () => {
    await resolve();
    if (link.href && content.type === 'image') picture(link.href);
  });
  link.append(h('span', { class: 'file' }, icon(pictures.file), h('span', {}, h('b', {}, name), about)));
  if (!file) seen.observe(link);
  else if (content.type === 'image') picture(URL.createObjectURL(file));
  return link;
}
