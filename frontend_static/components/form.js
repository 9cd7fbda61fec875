// Forms: each field with its name, hint and error beside it; errors are told to screen readers and focused.

import { html } from "../lib/html.js";

/** A form with its fields, its own error and its buttons. */
export function form(id, fields, buttons) {
  return html`<form id="${id}" data-form="${id}" novalidate>${fields}
    <p class="error" id="${id}-error" role="alert"></p><p class="actions">${buttons}</p></form>`;
}

/** One line of text. `form`: the id of its form; `type` as in HTML; `hint` or ''. */
export function field({ form: owner, name, label, hint = "", value = "", type = "text", autocomplete = "off", lines = 0, readonly = false }) {
  const id = `${owner}-${name}`;
  const described = `${hint ? `${id}-hint ` : ""}${id}-error`;
  const fixed = readonly ? html`readonly` : null;
  return html`<div class="field"><label for="${id}">${label}</label>
    ${lines ? html`<textarea id="${id}" name="${name}" rows="${lines}" spellcheck="false" autocapitalize="off" aria-describedby="${described}">${value}</textarea>`
    : html`<input id="${id}" name="${name}" type="${type}" value="${value}" autocomplete="${autocomplete}" autocapitalize="off" spellcheck="false" aria-describedby="${described}" ${fixed}>`}
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}<p class="error" id="${id}-error" role="alert"></p></div>`;
}

/** One of several words, as a list to open. `options`: `[{value, label}]`. `change`: who hears it. */
export function choice({ form: owner, name, label, options, value = "", change = "" }) {
  const id = `${owner}-${name}`;
  return html`<div class="field"><label for="${id}">${label}</label>
    <select id="${id}" name="${name}" aria-describedby="${id}-error" data-change="${change}">${options.map((each) => html`<option value="${each.value}" ${each.value === value ? html`selected` : null}>${each.label}</option>`)}</select>
    <p class="error" id="${id}-error" role="alert"></p></div>`;
}

/** Check boxes (any number of them) or, with `type` radio, exactly one. `options`: `[{value, label, hint, disabled}]`. */
export function boxes({ form: owner, name, legend, options, chosen = [], type = "checkbox" }) {
  const id = `${owner}-${name}`;
  return html`<fieldset class="boxes" id="${id}" tabindex="-1" aria-describedby="${id}-error"><legend>${legend}</legend>
    ${options.map((each) => html`<label class="box"><input type="${type}" id="${id}-${each.value}" name="${name}" value="${each.value}" ${chosen.includes(each.value) ? html`checked` : null} ${each.disabled ? html`disabled` : null}>
      <span>${each.label}${each.hint && html`<span class="hint"> ${each.hint}</span>`}</span></label>`)}
    <p class="error" id="${id}-error" role="alert"></p></fieldset>`;
}

/** What a form holds: `{name: text}`, and `{name: [value, …]}` of check boxes. Passwords are taken as they are typed. */
export function values(element) {
  const found = {};
  for (const { name, type, value, checked, disabled } of element.elements) {
    if (!name || disabled) continue;
    if (type === "checkbox") found[name] = [...(found[name] ?? []), ...(checked ? [value] : [])];
    else if (type !== "radio" || checked) found[name] = type === "password" ? value : value.trim();
  }
  return found;
}

/** Say what is wrong beside each field (a Map of name to sentence), the rest below; the first of them gets the focus. */
export function complain(element, fields, message = "") {
  const left = [message];
  let first = null;
  for (const [name, text] of fields) {
    const place = document.getElementById(`${element.id}-${name}-error`);
    const owner = document.getElementById(`${element.id}-${name}`);
    if (place === null) left.push(text);
    else place.textContent = text;
    owner?.setAttribute("aria-invalid", "true");
    first ??= owner;
  }
  const general = document.getElementById(`${element.id}-error`);
  if (general) general.textContent = left.filter(Boolean).join(" ");
  (first ?? element.querySelector("input:not([type=checkbox]), button"))?.focus();
}

/** Take all complaints away. */
export function clear(element) {
  for (const each of element.querySelectorAll(".error")) each.textContent = "";
  for (const each of element.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
}
