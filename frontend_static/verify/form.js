// The network that the reader trusts, as a form: from the operator's answer, a network file, or typed in.

import { html } from "../lib/html.js";
import { checked } from "../lib/chain.js";

const FIELDS = [["name", "verify.networkName"], ["node", "verify.node"], ["chainId", "verify.chainId"], ["AnchorLog", "verify.anchorLog"], ["PartnerRegistry", "verify.registry"]];

export function networkForm(t, network, complaint = "") {
  const held = network === null ? {} : { name: network.network, node: network.rpc[0], chainId: network.chainId, ...network.contracts };
  return html`<p>${t("verify.networkLead")}</p>
    <label class="field"><span>${t("verify.networkFile")}</span><input type="file" id="network-file" accept=".json,application/json"></label>
    <form novalidate autocomplete="off">
      ${FIELDS.map(([name, label]) => html`<label class="field"><span>${t(label)}</span><input name="${name}" value="${held[name] ?? ""}" spellcheck="false" autocapitalize="off"></label>`)}
      <p class="error" id="form-error" role="alert">${complaint}</p>
      <p>${t("verify.offline")}</p>
      <button type="submit" class="action">${t("verify.again")}</button>
    </form>`;
}

/** `{network, complaint}` of the form: network null when every field is empty, complaint true when it is incomplete. */
export function readForm(form) {
  const value = (name) => form.elements[name].value.trim();
  if (FIELDS.every(([name]) => value(name) === "")) return { network: null, complaint: false };
  const network = checked({
    network: value("name") || null,
    chainId: /^\d{1,15}$/.test(value("chainId")) ? Number(value("chainId")) : null,
    contracts: { AnchorLog: value("AnchorLog"), PartnerRegistry: value("PartnerRegistry") },
    rpc: value("node") || null,
  });
  const usable = network !== null && value("node") !== "";
  for (const [name] of FIELDS) form.elements[name].setAttribute("aria-invalid", String(!usable && value(name) === ""));
  return { network: usable ? network : null, complaint: !usable };
}
