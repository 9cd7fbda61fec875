// A button that copies what a field holds. Where the clipboard is closed to the page, the text is marked instead.

import { html } from "../lib/html.js";

export const copyButton = (t, of) => html`<button type="button" class="action is-main" data-do="copy" data-of="${of}">${t("office.copy")}</button>`;

/** Answers the press on such a button. */
export const copyFrom = (language) => async (button) => {
  const field = document.getElementById(button.dataset.of);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    button.textContent = language()("office.copied");
  } catch {
    button.textContent = language()("office.marked");
  }
};
