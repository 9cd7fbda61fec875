// A part of a page that draws itself from its state and hears its own buttons and forms.
// A surface is `{draw(t), does, submits, changes}`: `does[name](button)` answers a press on <button data-do="name">,
// `submits[name](values, form)` a <form data-form="name">, `changes[name](field)` a field with data-change="name".

import { render } from "../lib/html.js";
import { clear, complain, values } from "./form.js";

/** Show a surface in an element: `{redraw(), leave()}`. `language()` gives the translator, `words(t, error)` what went
 *  wrong as `{message, fields}`, `tell(message)` says it where no form can. */
export function mount(element, surface, { language, words, tell }) {
  const gone = new AbortController();
  const on = (type, hear) => element.addEventListener(type, hear, { signal: gone.signal });
  const redraw = () => !gone.signal.aborted && keepTyped(element, () => render(element, surface.draw(language())));
  const guard = async (work, failed, button) => {
    if (button?.getAttribute("aria-busy") === "true") return;
    button?.setAttribute("aria-busy", "true");
    try {
      await work();
    } catch (error) {
      failed(words(language(), error));
    } finally {
      button?.removeAttribute("aria-busy");
    }
  };
  on("click", ({ target }) => {
    const button = target.closest("button[data-do]");
    const action = surface.does?.[button?.dataset.do];
    if (action) guard(() => action(button), ({ message, fields }) => tell(message || [...fields.values()].join(" ")), button);
  });
  on("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    const action = surface.submits?.[form.dataset.form];
    if (!action) return;
    clear(form);
    guard(() => action(values(form), form), ({ message, fields }) => complain(document.getElementById(form.id) ?? form, fields, message), form);
  });
  const changed = ({ target }) => surface.changes?.[target.dataset.change]?.(target);
  on("change", changed);
  on("input", changed);
  render(element, surface.draw(language())); // what stood here before is another surface's
  return { redraw, leave: () => gone.abort() };
}

/** Draw anew without losing what was typed, what is open and where the focus is. */
function keepTyped(element, draw) {
  const typed = new Map([...element.querySelectorAll("input[id], select[id], textarea[id]")].map((field) => [field.id, [field.value, field.checked]]));
  const opened = new Set([...element.querySelectorAll("details[id][open]")].map(({ id }) => id));
  const active = element.contains(document.activeElement) ? document.activeElement : null;
  const caret = active && "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : [null];
  draw();
  for (const [id, [value, checked]] of typed) {
    const field = element.querySelector(`#${CSS.escape(id)}`);
    if (field === null) continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = checked;
    else field.value = value;
  }
  for (const id of opened) element.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
  const again = active?.id ? element.querySelector(`#${CSS.escape(active.id)}`) : null;
  again?.focus();
  if (again && caret[0] !== null) again.setSelectionRange?.(...caret);
}
