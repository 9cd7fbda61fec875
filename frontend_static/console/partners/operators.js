// The keys that may seal: those of the partners with the role of an operator.

import { table } from "../../components/table.js";
import { html } from "../../lib/html.js";
import { asList } from "../../lib/terms.js";
import { call, session } from "../api.js";
import { showIn } from "../hearing.js";
import { loaded } from "../loaded.js";
import { hashOf } from "../place.js";
import { code, keyMark, nameOf, time } from "./words.js";

export const operators = { id: "operators", opens: () => session.person !== null, show };

function show(host) {
  const data = loaded(keysOfOperators, () => view.redraw());
  const view = showIn(host, {
    draw: (t) => html`<p>${t("operators.lead")}</p>${data.state(t, (found) => (found.length === 0 ? html`<p class="empty">${t("operators.empty")}</p>` : list(t, found)))}`,
    does: { reload: () => data.load() },
  });
  data.load();
  return view;
}

async function keysOfOperators() {
  const all = asList((await call("GET", "/v1/partners"))?.partners).filter(({ roles }) => asList(roles).includes("operator"));
  const detailed = await Promise.all(all.map(({ did }) => call("GET", `/v1/partners/${encodeURIComponent(did)}`)));
  return detailed.flatMap((partner) => asList(partner.keys).map((key) => ({ partner, key })));
}

function list(t, found) {
  const columns = ["key", "name", "seal", "state", "from"].map((name) => t(`partners.column.${name}`));
  return table(t("office.room.operators"), columns, found.map(({ partner, key }) => [
    code(key.address),
    html`<a href="${hashOf("partners", [partner.did])}">${nameOf(t, partner)}</a>`,
    key.rotatedTo ? t("partners.continues", { key: key.rotatedTo }) : t(key.operator ? "operators.yes" : "operators.no"),
    keyMark(t, key),
    time(t, key.validFrom),
  ]));
}
