const css = `
{{include:widget/theme.css}}
{{include:widget/panel.css}}
{{include:widget/messages.css}}
{{include:widget/form.css}}
{{include:widget/screens.css}}
`;

function dress() {
  try {
    const sheet = new CSSStyleSheet(); // unlike <style>, allowed by a strict content security policy
    sheet.replaceSync(css);
    shadow.adoptedStyleSheets = [sheet];
  } catch {
    shadow.append(h('style', {}, css));
  }
  const accent = options.accent || query.get('accent') || '';
  if (!CSS.supports('color', accent)) return;
  root.style.setProperty('--accent', accent);
  panel.style.color = accent;
  const color = getComputedStyle(panel).color.match(/^rgb.*/)?.[0];
  const parts = color?.match(/[\d.]+/g) ?? [];
  const [red = 0, green = 0, blue = 0] = parts.map((part) => {
    const share = Number(part) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  panel.style.color = '';
  // Where white gives less than 4.5 : 1, black gives more.
  root.style.setProperty('--on', 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.183 ? '#000' : '#fff');
}
