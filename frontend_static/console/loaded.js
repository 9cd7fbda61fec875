// What a room shows of the service: being fetched, here, or not to be had. Trouble is said in the room, with a button.

import { html } from "../lib/html.js";
import { Refused, Unreachable } from "./api.js";
import { troubleWords } from "./trouble.js";

/** `fetching()` gives the value; `redraw()` is called when it is here. `state(t, draw)` draws it, or what stands instead;
 *  the room answers data-do="reload" with `load()`. */
export function loaded(fetching, redraw) {
  const held = { value: undefined, error: null };
  return {
    get value() { return held.value; },
    async load() {
      try {
        held.value = await fetching();
        held.error = null;
      } catch (error) {
        if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
        held.error = error;
      }
      redraw();
    },
    state(t, draw) {
      if (held.error) {
        return html`<div class="verdict is-altered" role="alert"><div><p class="sentence">${troubleWords(t, held.error).message}</p>
          <p><button type="button" class="action" data-do="reload">${t("plan.again")}</button></p></div></div>`;
      }
      return held.value === undefined ? html`<p role="status" class="hint">${t("office.loading")}</p>` : draw(held.value);
    },
  };
}
