// Carrying a planned sequence out: with the operator's key at the service, or in the person's wallet, one transaction each.

import { SigningError, accountOf, request } from "../../lib/signing.js";
import { call } from "../api.js";
import { keep } from "./kept.js";

const PAUSE_MS = 1000;
const RECEIPT_MS = 300_000;

/** Take every step that is not done; `progress()` after each change. What was done stays noted in the sequence.
 *  `wallet`: `{provider}`, or null for the operator's key. @throws Refused, Unreachable, SigningError */
export async function carryOut(sequence, wallet, progress) {
  const note = (step, state, transaction = step.transaction) => {
    Object.assign(step, { state, transaction });
    keep(sequence);
    progress();
  };
  if (wallet === null) return here(sequence, note);
  return inWallet(sequence, wallet.provider, note);
}

async function here(sequence, note) {
  for (const [place, body] of sequence.requests.entries()) {
    const steps = sequence.steps.filter((step) => step.request === place && step.state !== "done");
    if (steps.length === 0) continue;
    for (const step of steps) note(step, "sent");
    let answer;
    try {
      answer = await call("POST", "/v1/registry/send", body);
    } catch (error) {
      for (const step of steps) note(step, error.status ? "open" : "sent");
      throw error;
    }
    const { transactions = [], ...made } = answer ?? {};
    if (made.token) sequence.made.push(made);
    steps.forEach((step, i) => note(step, "done", transactions[i] ?? null));
  }
}

async function inWallet(sequence, provider, note) {
  const { chainId } = await call("GET", "/v1/network");
  await useChain(provider, chainId);
  const account = await accountOf(provider);
  for (const step of sequence.steps) {
    if (step.state === "done") continue;
    if (step.from && step.from.toLowerCase() !== account) throw new SigningError("other-sender", { account, due: step.from });
    if (step.state !== "sent" || !step.transaction) note(step, "sent", await send(provider, account, step));
    await mined(provider, step, note);
  }
  for (const { action, did, name } of sequence.requests) await call("POST", "/v1/registry/sync", action === "admitPartner" ? { did, name } : {});
}

async function useChain(provider, chainId) {
  const due = `0x${chainId.toString(16)}`;
  if (Number(await request(provider, "eth_chainId")) === chainId) return;
  await request(provider, "wallet_switchEthereumChain", [{ chainId: due }]).catch(() => null);
  const said = Number(await request(provider, "eth_chainId"));
  if (said !== chainId) throw new SigningError("other-chain", { said, due: chainId });
}

async function send(provider, from, { to, data, gas }) {
  const transaction = { from, to, data };
  if (gas) transaction.gas = `0x${Math.ceil(gas * 1.2).toString(16)}`; // an estimate, with room for what happens before it
  const hash = await request(provider, "eth_sendTransaction", [transaction]);
  if (!/^0x[0-9a-f]{64}$/i.test(hash ?? "")) throw new SigningError("wallet-failed", { detail: String(hash) });
  return hash;
}

async function mined(provider, step, note) {
  const end = Date.now() + RECEIPT_MS;
  while (Date.now() < end) {
    const receipt = await request(provider, "eth_getTransactionReceipt", [step.transaction]);
    if (receipt) {
      const good = Number(receipt.status) === 1;
      note(step, good ? "done" : "failed");
      if (!good) throw new SigningError("reverted", { transaction: step.transaction });
      return;
    }
    await new Promise((resume) => setTimeout(resume, PAUSE_MS));
  }
  throw new SigningError("not-mined", { transaction: step.transaction });
}
