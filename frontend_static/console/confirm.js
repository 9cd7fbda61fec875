// Asking before what can't be undone.

import { html } from "../lib/html.js";
import { inSheet } from "./hearing.js";

/** Whether the person says yes. `isFinal`: it can't be taken back, which is said. */
export async function confirm({ title, text, yes, isFinal = false }) {
  const sheet = inSheet({
    draw: (t) => html`<h2 id="sheet-title" tabindex="-1">${title}</h2><p>${text}</p>${isFinal && html`<p class="verdict is-altered"><span>${t("office.final")}</span></p>`}
      <p class="actions"><button type="button" class="action ${isFinal ? "is-final" : "is-main"}" id="confirm-yes" data-do="yes">${yes}</button> <button type="button" class="action" data-close>${t("office.cancel")}</button></p>`,
    does: { yes: () => sheet.close(true) },
  });
  return (await sheet.closed) === true;
}
