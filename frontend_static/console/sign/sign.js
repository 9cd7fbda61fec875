// The room where a person signs events with a key of their own, in a browser wallet. Who is signed in sends them as that
// person; everybody else with their organisation's token, which stays in this page's memory: it is written to no storage
// and no address, and is sent to this service only.

import { saveJson } from "../../components/download.js";
import { networkFrom } from "../../lib/chain.js";
import { render } from "../../lib/html.js";
import { acts } from "../../lib/roles.js";
import { asList } from "../../lib/terms.js";
import { watchWallets } from "../../lib/wallets.js";
import { asking, has, session } from "../api.js";
import { language } from "../hearing.js";
import { newEntry, readEntries } from "./entries.js";
import { mustBeSignedAnew, refusal } from "./refusal.js";
import { follow, sendAll, signAll } from "./run.js";
import { frame, result, signing, statements } from "./view.js";

const LARGEST_BYTES = 20_000_000;
const TYPING_MS = 200;
const IDLE = { phase: "idle", busy: false, trouble: null, account: null, done: 0, promise: null };

const page = { network: undefined, token: "", text: "", input: "", read: "", visibility: "public", entries: [], complaint: null, wallets: [], run: IDLE, error: null, drawn: new Map() };
const element = (id) => document.getElementById(id);
const isShown = () => element("inputs") !== null;
const asPerson = () => has("state") && acts(asList(session.partner?.roles));

export const sign = { id: "sign", opens: () => session.person === null || asPerson(), show };

/** The room in an element; values go back into fields as properties, so that no markup ever holds the token. */
function show(host) {
  const redraw = () => {
    render(host, frame(language(), asPerson() ? language().of(session.partner?.name) : null));
    page.drawn.clear();
    if (element("token")) element("token").value = page.token;
    element("text").value = page.text;
    element("visibility").value = page.visibility;
    draw();
  };
  redraw();
  if (page.network === undefined) begin();
  return { redraw, leave: () => {} };
}

async function begin() {
  page.network = null;
  watchWallets((wallets) => {
    page.wallets = wallets;
    draw();
  });
  const answer = await fetch("/v1/network").catch(() => null);
  page.network = answer === null ? null : await networkFrom(answer);
  if (page.network === null) page.complaint = { id: "console.noNetwork", values: {} };
  if (page.input !== page.read) read(page.input);
  draw();
}

/** What changes as events are read, signed and sent. */
function draw() {
  if (!isShown()) return; // another room is; what goes on here is shown when this one is again
  const t = language();
  const { run, entries, wallets, complaint } = page;
  const trouble = page.error && refusal(t, page.error);
  const state = { entries, wallets, run: { ...run, trouble: trouble?.token ? null : trouble }, ready: entries.every(({ prepared }) => prepared) };
  const focused = document.activeElement?.id;
  element("inputs").disabled = run.busy;
  element("inputs").hidden = run.phase === "sent";
  if (trouble?.token) complain("token", trouble.message);
  complain("text", complaint === null ? "" : t(complaint.id, complaint.values));
  put("statements", run.phase !== "sent" && statements(t, entries, page.network?.network, trouble?.places ?? new Map()));
  put("signing", signing(t, state));
  put("result", result(t, state));
  if (focused && document.activeElement?.id !== focused) element(focused)?.focus();
}

/** Render only what differs: opened details stay open, and a screen reader is told of changes alone. */
function put(id, markup) {
  const text = String(markup || "");
  if (page.drawn.get(id) !== text) render(element(id), markup);
  page.drawn.set(id, text);
}

function complain(field, message) {
  if (element(field) === null) return;
  element(`${field}-error`).textContent = message;
  element(field).setAttribute("aria-invalid", String(message !== ""));
}

/** What was read already is not read anew: that would take away what is being signed. */
function readOnce(text) {
  if (text !== page.read && !page.run.busy) read(text);
}

function read(input) {
  const { network } = page;
  page.input = input;
  if (!network) return; // it is read once the network is known
  page.read = input;
  const empty = typeof input === "string" && input.trim() === "";
  const { entries, trouble } = empty ? { entries: [], trouble: null } : readEntries(input, network.network);
  Object.assign(page, { entries, complaint: trouble, run: IDLE, error: null });
  draw();
}

async function take(file) {
  if (file.size > LARGEST_BYTES) {
    Object.assign(page, { entries: [], complaint: { id: "console.too-many", values: {} } });
    draw();
    return;
  }
  clearTimeout(typing);
  page.text = element("text").value = "";
  read(new Uint8Array(await file.arrayBuffer()));
}

/** Sign what is not signed yet, then send everything. A stop keeps what was signed; the same button goes on. */
async function signAndSend(wallet) {
  if (page.run.busy) return;
  const badToken = !asPerson() && !/^[\x21-\x7e]+$/.test(page.token); // what no header can carry is no token
  complain("token", badToken ? language()("console.needsToken") : "");
  if (badToken) {
    element("token").focus();
    return;
  }
  const { entries, network } = page;
  advance({ ...IDLE, phase: "connecting", busy: true }, null);
  try {
    const unsigned = entries.some(({ signed }) => !signed);
    const account = unsigned
      ? await signAll(entries, wallet.provider, network, ({ account, done }) => advance({ ...page.run, phase: "signing", account, done }, null))
      : entries[0].account;
    advance({ ...page.run, phase: "sending", account }, null);
    const { promise } = await sendInAnyCase(entries);
    advance({ ...IDLE, phase: "sent", account, promise }, null);
  } catch (error) {
    if (mustBeSignedAnew(error)) page.entries = entries.map(({ event }) => newEntry(event, network.network));
    advance({ ...IDLE, phase: "stopped" }, error);
    if (refusal(language(), error).token) element("token")?.focus();
    return;
  }
  element("accepted")?.focus();
  const token = asPerson() || page.visibility === "public" ? "" : page.token; // sent where nothing is read without it
  await follow(entries, network, token, () => {
    if (page.entries !== entries) return false;
    draw();
    return true;
  });
}

/** A session that ended meanwhile is renewed by its person, and nothing needs to be signed again. */
async function sendInAnyCase(entries) {
  if (!asPerson()) return sendAll(entries, page.token, page.visibility);
  try {
    return await sendAll(entries, session, page.visibility);
  } catch (error) {
    if (error.status === 401 && (await asking.renew())) return sendAll(entries, session, page.visibility);
    throw error;
  }
}

function advance(run, error) {
  Object.assign(page, { run, error });
  draw();
}

function another() {
  page.text = page.input = page.read = "";
  Object.assign(page, { entries: [], complaint: null, run: IDLE, error: null });
  page.drawn.clear();
  element("text").value = "";
  draw();
  element("text").focus();
}

let typing = 0;
document.addEventListener("input", ({ target }) => {
  if (target.id === "token") {
    page.token = target.value.trim();
    complain("token", "");
  }
  if (target.id === "text") {
    page.text = target.value;
    clearTimeout(typing);
    typing = setTimeout(() => readOnce(page.text), TYPING_MS);
  }
});
document.addEventListener("change", ({ target }) => {
  if (target.id === "visibility") page.visibility = target.value;
  const [file] = target.files ?? [];
  if (file && target.id === "file") take(file);
});
document.addEventListener("click", ({ target }) => {
  const button = target.closest("#signing button, #result button"); // other rooms' buttons are theirs
  if (button?.dataset.wallet !== undefined) signAndSend(page.wallets[Number(button.dataset.wallet)]);
  if (button?.id === "another") another();
  if (button?.id === "save") saveJson({ statements: page.entries.map(({ signed }) => signed), promise: page.run.promise }, "statements.json");
});
for (const type of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(type, (event) => {
    event.preventDefault();
    element("drop")?.classList.toggle("is-over", type === "dragover");
    if (type === "drop" && event.dataTransfer?.files.length && isShown() && !element("inputs").disabled) take(event.dataTransfer.files[0]);
  });
}
addEventListener("beforeunload", (event) => {
  if (page.run.phase !== "sent" && page.entries.some(({ signed }) => signed)) event.preventDefault();
});
addEventListener("pagehide", () => {
  page.token = ""; // not kept for a page that the browser holds back and shows again
  if (element("token")) element("token").value = "";
});
