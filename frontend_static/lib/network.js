// The network that this page trusts: names, contracts and nodes, as its own service configured them.

import { chainReader } from "./chain.js";

/** The configuration out of a response, or null where it is none. */
export async function networkFrom(response) {
  try {
    return checked(await response.json());
  } catch {
    return null;
  }
}

/** `{network, chainId, contracts, rpc: [URL], operator, members}` of a network file's JSON, where `rpc` may be a single URL
 *  or relative to `base`. null where a needed member is missing or ill-formed. */
export function checked(value, base = globalThis.location?.href) {
  const { network, chainId, contracts, rpc } = value ?? {};
  const isAddress = (text) => typeof text === "string" && /^0x[0-9a-f]{40}$/i.test(text);
  if (typeof network !== "string" || !Number.isSafeInteger(chainId)) return null;
  if (!isAddress(contracts?.AnchorLog) || !isAddress(contracts?.PartnerRegistry)) return null;
  try {
    const nodes = (Array.isArray(rpc) ? rpc : [rpc]).map((node) => new URL(node, base).href);
    return { ...value, contracts: { ...contracts }, rpc: nodes };
  } catch {
    return null;
  }
}

/** What verdicts need: the network and a reader of its chain; both null without a network. */
export function trustIn(network) {
  return { network, chain: network === null ? null : chainReader(network, network.rpc) };
}
