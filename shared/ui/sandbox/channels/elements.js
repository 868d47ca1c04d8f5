// Making elements. Whatever comes from a channel reaches the page as text nodes only.

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [properties] `class`, `data-…`, `aria-…` and `role` as attributes, others as properties
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (/^(class|role|for|(data|aria)-.*)$/.test(name)) made.setAttribute(name, value);
    else /** @type {any} */ (made)[name] = value;
  }
  made.append(...children);
  return made;
}

/** The element of the page that there is one of. @param {string} selector @returns {any} */
export const find = (selector) => document.querySelector(selector);

/** A link that may be opened: only to the web. @param {string} url */
export const isWeb = (url) => /^https?:\/\//.test(url);

/** A file's bytes in base 64. @param {File} file @returns {Promise<string>} */
export function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(',')[1] ?? '');
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
