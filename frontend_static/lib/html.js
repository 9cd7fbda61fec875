// Markup that escapes by default.

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

class Markup {
  constructor(text) { this.text = text; }
  toString() { return this.text; }
}

const escaped = (value) => String(value).replace(/[&<>"']/g, (char) => ESCAPES[char]);

function inserted(value) {
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(inserted).join("");
  return escaped(value);
}

/** Template tag: every inserted value is escaped unless it is itself `html`; arrays are joined, null and false vanish. */
export function html(strings, ...values) {
  return new Markup(strings.reduce((text, part, i) => text + inserted(values[i - 1]) + part));
}

/** Put markup into an element, in place of what it held. */
export function render(element, markup) {
  const template = document.createElement("template");
  template.innerHTML = inserted(markup);
  element.replaceChildren(template.content);
}
