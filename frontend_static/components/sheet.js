// A sheet over the page (a modal dialog): what lies below is kept as it is, and gets the focus back.

import { html, render } from "../lib/html.js";
import { mount } from "./surface.js";

/** Open a surface in a sheet: `{redraw(), close(result), closed}`; `closed` resolves to the result, undefined where it
 *  was dismissed. `surface.busy` forbids dismissing; a button with data-close dismisses. */
export function openSheet(surface, hearing) {
  const dialog = document.createElement("dialog");
  dialog.className = "sheet";
  dialog.setAttribute("aria-labelledby", surface.titled ?? "sheet-title");
  const opener = document.activeElement;
  document.body.append(dialog);
  render(dialog, html`<div class="inside"></div>`);
  let answer;
  const drawn = mount(dialog.firstElementChild, surface, { ...hearing, tell: (message) => tell(dialog, message) });
  const closed = new Promise((resolve) => {
    dialog.addEventListener("cancel", (event) => surface.busy && event.preventDefault());
    dialog.addEventListener("click", ({ target }) => target.closest("[data-close]") && !surface.busy && dialog.close());
    dialog.addEventListener("close", () => {
      drawn.leave();
      dialog.remove();
      (opener?.isConnected ? opener : document.getElementById(opener?.id || "title") ?? document.getElementById("title"))?.focus();
      resolve(answer);
    });
  });
  dialog.showModal();
  firstField(dialog)?.focus();
  const close = (result) => {
    answer = result;
    dialog.close();
  };
  return { redraw: drawn.redraw, close, closed };
}

// The first field that waits for a word, else the first, else the title.
function firstField(dialog) {
  const fields = [...dialog.querySelectorAll("input:not([readonly]), select, textarea")];
  return fields.find(({ value }) => value === "") ?? fields[0] ?? dialog.querySelector("h2");
}

/** Dismiss every sheet that is not busy: the page below went on to another place. */
export function dismissSheets() {
  for (const dialog of document.querySelectorAll("dialog.sheet")) {
    if (dialog.dispatchEvent(new Event("cancel", { cancelable: true }))) dialog.close();
  }
}

function tell(dialog, message) {
  const place = dialog.querySelector("#sheet-error");
  if (place) place.textContent = message;
}
