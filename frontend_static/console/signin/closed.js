// What stands in the place of a room that is not there, or not open to this person.

import { html } from "../../lib/html.js";
import { showIn } from "../hearing.js";

export const closed = {
  id: "closed",
  show: (host) => showIn(host, { draw: (t) => html`<p>${t("office.closed")}</p><p><a class="action" href="/console/">${t("office.start")}</a></p>` }),
};
