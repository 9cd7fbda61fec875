// The network that a verifier trusts, and reading its chain: eth_call on AnchorLog and PartnerRegistry through the
// configured nodes, the first that answers.
// Nothing here throws for what a node does or fails to do: an answer that could not be had is null.

import { concat, fromHex, keccak256, toHex, utf8, word } from "./digests.js";

const TIMEOUT_MS = 5000;
const MOST_PER_REQUEST = 40;

const selector = (signature) => keccak256(utf8(signature)).subarray(0, 4);
const SEAL_OF = selector("sealOf(address,uint64)");
const STATUS_AT = selector("statusAt(address,uint64)");
const IS_OPERATOR = selector("isOperator(address,uint64)");
const NETWORK = selector("network()");

const address = (hex) => concat(new Uint8Array(12), fromHex(hex));
const number = (bytes, index) => BigInt(toHex(bytes.subarray(32 * index, 32 * index + 32)));

/** An ABI-encoded string (one return value); '' where the bytes are none. */
function decodeString(bytes) {
  if (bytes.length < 64 || number(bytes, 1) > BigInt(bytes.length - 64)) return "";
  return new TextDecoder().decode(bytes.subarray(64, 64 + Number(number(bytes, 1))));
}

/** A reader for one network: `{chainId, contracts: {AnchorLog, PartnerRegistry}}` and the nodes to ask, in order.
 *  Equal questions are asked once; questions asked in the same moment travel in one request. */
export function chainReader(network, nodes, { timeout = TIMEOUT_MS, fetch = globalThis.fetch.bind(globalThis) } = {}) {
  const asked = new Map();
  const state = { node: null, trouble: null };
  let waiting = [];

  const call = (to, data) => {
    const key = `${to}${toHex(data)}`.toLowerCase();
    if (!asked.has(key)) {
      asked.set(key, new Promise((resolve) => {
        if (waiting.length === 0) setTimeout(flush, 0);
        waiting.push({ to, data: toHex(data), resolve });
      }));
    }
    return asked.get(key);
  };

  async function flush() {
    const batch = waiting;
    waiting = [];
    for (let i = 0; i < batch.length; i += MOST_PER_REQUEST) await ask(batch.slice(i, i + MOST_PER_REQUEST));
  }

  async function ask(questions) {
    let open = questions;
    for (const node of nodes) {
      const answers = await askNode(node, open).catch((error) => ({ trouble: error?.message === "wrong-chain" ? "wrong-chain" : "unreachable" }));
      if (answers.trouble) {
        state.trouble ??= answers.trouble;
        continue;
      }
      open = open.filter((question, i) => {
        if (answers[i] === null) return true;
        question.resolve(answers[i]);
        return false;
      });
      if (open.length < questions.length) {
        state.node ??= node;
        state.trouble = null;
      }
      if (open.length === 0) return;
    }
    if (open.length) state.trouble ??= "unreachable";
    for (const question of open) question.resolve(null);
  }

  async function askNode(node, questions) {
    const request = [{ jsonrpc: "2.0", id: 0, method: "eth_chainId", params: [] }];
    questions.forEach(({ to, data }, i) =>
      request.push({ jsonrpc: "2.0", id: i + 1, method: "eth_call", params: [{ to, data }, "latest"] }));
    const response = await fetch(node, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(request),
      credentials: "omit",
      signal: AbortSignal.timeout(timeout),
    });
    const replies = await response.json();
    if (!Array.isArray(replies)) throw new Error("unreachable");
    const byId = new Map(replies.map((reply) => [reply?.id, reply?.result]));
    const chainId = byId.get(0);
    if (typeof chainId !== "string" || !/^0x[0-9a-f]+$/i.test(chainId)) throw new Error("unreachable");
    if (BigInt(chainId) !== BigInt(network.chainId)) throw new Error("wrong-chain");
    return questions.map((_, i) => {
      const result = byId.get(i + 1);
      return typeof result === "string" && /^0x(?:[0-9a-f]{2})*$/i.test(result) ? fromHex(result.toLowerCase()) : null;
    });
  }

  return {
    /** The node that answered (null before, or when none did) and what went wrong: unreachable, wrong-chain. */
    get node() { return state.node; },
    get trouble() { return state.trouble; },

    /** The network's name as PartnerRegistry holds it; '' for what is no name. null: no answer. */
    async network() {
      const bytes = await call(network.contracts.PartnerRegistry, NETWORK);
      return bytes === null ? null : decodeString(bytes);
    },

    /** `{root, first, count, sealedAt}` (hex, numbers, Unix seconds), sealedAt 0 when there is no such seal. null: no answer. */
    async sealOf(operator, batch) {
      const bytes = await call(network.contracts.AnchorLog, concat(SEAL_OF, address(operator), word(batch)));
      if (bytes === null || bytes.length < 128) return null;
      return {
        root: toHex(bytes.subarray(0, 32)), first: Number(number(bytes, 1)), count: Number(number(bytes, 2)), sealedAt: Number(number(bytes, 3)),
      };
    },

    /** `{partner, roles, custody, status}` of a key at a time (Unix seconds): hex and numbers. null: no answer. */
    async statusAt(key, at) {
      const bytes = await call(network.contracts.PartnerRegistry, concat(STATUS_AT, address(key), word(at)));
      if (bytes === null || bytes.length < 128) return null;
      return {
        partner: toHex(bytes.subarray(0, 32)), roles: Number(number(bytes, 1)), custody: Number(number(bytes, 2)), status: Number(number(bytes, 3)),
      };
    },

    /** Whether an address was an operator at a time (Unix seconds). null: no answer. */
    async isOperator(key, at) {
      const bytes = await call(network.contracts.PartnerRegistry, concat(IS_OPERATOR, address(key), word(at)));
      return bytes === null || bytes.length < 32 ? null : number(bytes, 0) !== 0n;
    },
  };
}

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
