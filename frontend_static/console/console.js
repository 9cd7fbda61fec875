// /console/: a person signs events with a key of their own, in a browser wallet. The token stays in this page's memory:
// it is written to no storage and no address, and is sent to this service only.

import { saveJson } from "../components/download.js";
import { networkFrom } from "../lib/chain.js";
import { render } from "../lib/html.js";
import { loadLanguage, preferredLanguage, rememberLanguage } from "../lib/i18n.js";
import { watchWallets } from "../lib/wallets.js";
import { newEntry, readEntries } from "./entries.js";
import { mustBeSignedAnew, refusal } from "./refusal.js";
import { follow, sendAll, signAll } from "./run.js";
import { frame, result, signing, statements } from "./view.js";

const LARGEST_BYTES = 20_000_000;
const TYPING_MS = 200;
const IDLE = { phase: "idle", busy: false, trouble: null, account: null, done: 0, promise: null };

const page = { t: null, network: null, token: "", text: "", entries: [], complaint: null, wallets: [], run: IDLE, error: null, drawn: new Map() };
const element = (id) => document.getElementById(id);

async function start() {
  const [t, answer] = await Promise.all([messages(preferredLanguage()), fetch("/v1/network").catch(() => null)]);
  page.t = t;
  page.network = answer === null ? null : await networkFrom(answer);
  if (page.network === null) page.complaint = { id: "console.noNetwork", values: {} };
  show();
  watchWallets((wallets) => {
    page.wallets = wallets;
    draw();
  });
}

async function messages(language) {
  const t = await loadLanguage(language);
  await t.complete("console");
  return t;
}

/** The whole page; values go back into fields as properties, so that no markup ever holds the token. */
function show() {
  const { t } = page;
  document.documentElement.lang = t.language === "zh" ? "zh-CN" : "en";
  document.title = t("console.title");
  render(element("content"), frame(t));
  page.drawn.clear();
  element("token").value = page.token;
  element("text").value = page.text;
  draw();
}

/** What changes as events are read, signed and sent. */
function draw() {
  const { t, run, entries, wallets, complaint } = page;
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
  element(`${field}-error`).textContent = message;
  element(field).setAttribute("aria-invalid", String(message !== ""));
}

function read(input) {
  const { network } = page;
  if (network === null) return;
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
  page.text = element("text").value = "";
  read(new Uint8Array(await file.arrayBuffer()));
}

/** Sign what is not signed yet, then send everything. A stop keeps what was signed; the same button goes on. */
async function sign(wallet) {
  if (page.run.busy) return;
  const badToken = !/^[\x21-\x7e]+$/.test(page.token); // what no header can carry is no token
  complain("token", badToken ? page.t("console.needsToken") : "");
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
    const { promise } = await sendAll(entries, page.token);
    advance({ ...IDLE, phase: "sent", account, promise }, null);
  } catch (error) {
    if (mustBeSignedAnew(error)) page.entries = entries.map(({ event }) => newEntry(event, network.network));
    advance({ ...IDLE, phase: "stopped" }, error);
    if (refusal(page.t, error).token) element("token").focus();
    return;
  }
  element("accepted").focus();
  await follow(entries, network, () => {
    if (page.entries !== entries) return false;
    draw();
    return true;
  });
}

function advance(run, error) {
  Object.assign(page, { run, error });
  draw();
}

function another() {
  page.text = "";
  Object.assign(page, { entries: [], complaint: null, run: IDLE, error: null });
  show();
  element("text").focus();
}

async function switchLanguage() {
  const language = page.t.language === "zh" ? "en" : "zh";
  rememberLanguage(language);
  page.t = await messages(language);
  show();
  element("language").focus();
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
    typing = setTimeout(() => read(page.text), TYPING_MS);
  }
});
document.addEventListener("change", ({ target }) => {
  const [file] = target.files ?? [];
  if (file && target.id === "file") take(file);
});
document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.dataset.wallet !== undefined) sign(page.wallets[Number(button.dataset.wallet)]);
  if (button?.id === "language") switchLanguage();
  if (button?.id === "another") another();
  if (button?.id === "save") saveJson({ statements: page.entries.map(({ signed }) => signed), promise: page.run.promise }, "statements.json");
});
for (const type of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(type, (event) => {
    event.preventDefault();
    element("drop")?.classList.toggle("is-over", type === "dragover");
    if (type === "drop" && event.dataTransfer?.files.length && !element("inputs").disabled) take(event.dataTransfer.files[0]);
  });
}
addEventListener("beforeunload", (event) => {
  if (page.run.phase !== "sent" && page.entries.some(({ signed }) => signed)) event.preventDefault();
});
addEventListener("pagehide", () => {
  page.token = ""; // not kept for a page that the browser holds back and shows again
  if (element("token")) element("token").value = "";
});

start();
