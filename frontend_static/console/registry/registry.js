// The registry: who holds its powers, and handing them over.

import { field, form } from "../../components/form.js";
import { html } from "../../lib/html.js";
import { asObject } from "../../lib/terms.js";
import { call, has } from "../api.js";
import { showIn, tell, language } from "../hearing.js";
import { loaded } from "../loaded.js";
import { isAddress, next } from "../partners/admit.js";
import { code } from "../partners/words.js";
import { act, goOn } from "../plan/act.js";
import { band } from "../plan/band.js";

const NOBODY = `0x${"0".repeat(40)}`;

export const registry = { id: "registry", opens: () => has("administer"), show };

function show(host) {
  const data = loaded(() => call("GET", "/v1/registry"), () => view.redraw());
  const perform = async (want) => { if (await act(want)) await data.load(); };
  const view = showIn(host, {
    draw: (t) => html`${band(t)}${data.state(t, (held) => page(t, held))}`,
    does: {
      reload: () => data.load(),
      goOn: async () => { if (await goOn()) await data.load(); },
      offer: () => perform(toAddress("offer", "offerAdmin", "successor", true)),
      withdraw: () => perform({ title: (t) => t("registry.withdraw"), requests: [{ action: "offerAdmin", successor: NOBODY }] }),
      accept: () => perform({ title: (t) => t("registry.accept"), requests: [{ action: "acceptAdmin" }] }),
      guardian: () => perform(toAddress("setGuardian", "setGuardian", "guardian", false)),
      sync: async () => {
        await call("POST", "/v1/registry/sync", {});
        tell(language()("registry.synced"));
      },
    },
  });
  data.load();
  return view;
}

/** An action with one address. `words`: the id of its words. */
function toAddress(words, action, name, warns) {
  return {
    title: (t) => t(`registry.${words}`),
    warning: (t) => warns && t("registry.offerWarning"),
    form: (t) => form("wanted", html`<p>${t(`registry.${words}Lead`)}</p>${field({ form: "wanted", name, label: t("registry.address"), hint: t("registry.addressHint") })}`, next(t)),
    read: (values, t) => ({
      wrong: isAddress(values[name]) ? new Map() : new Map([[name, t("partners.wrong.key")]]),
      requests: [{ action, [name]: values[name] }],
    }),
  };
}

function page(t, { administration, operatorHoldsAdminKey, network, chainId, contract }) {
  const { admin, pendingAdmin, guardian } = asObject(administration);
  const holder = (address) => (address && address !== NOBODY ? code(address) : t("registry.nobody"));
  const button = (name, label) => html`<button type="button" class="action" id="do-${name}" data-do="${name}">${label}</button>`;
  return html`<dl class="facts">
      <dt>${t("registry.network")}</dt><dd>${code(network)}</dd><dt>${t("registry.chain")}</dt><dd>${chainId}</dd>
      <dt>${t("registry.contract")}</dt><dd>${code(contract)}</dd></dl>
    <h2>${t("registry.admin")}</h2><p>${holder(admin)}</p>
    <p class="hint">${t(operatorHoldsAdminKey ? "registry.heldHere" : "registry.heldElsewhere")}</p>
    ${pendingAdmin && pendingAdmin !== NOBODY && html`<p>${t("registry.pending")} ${code(pendingAdmin)}</p>`}
    <p class="actions">${button("offer", t("registry.offer"))}${pendingAdmin && pendingAdmin !== NOBODY && html`${button("accept", t("registry.accept"))}${button("withdraw", t("registry.withdraw"))}`}</p>
    <h2>${t("registry.guardian")}</h2><p>${holder(guardian)}</p><p class="hint">${t("registry.guardianHint")}</p>
    <p class="actions">${button("guardian", t("registry.setGuardian"))}</p>
    <h2>${t("registry.reading")}</h2><p>${t("registry.syncText")}</p><p class="actions">${button("sync", t("registry.sync"))}</p>`;
}
