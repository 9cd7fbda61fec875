// /verify: checks a receipt file against any network and node that the reader trusts. The file is sent nowhere.

import { parseBytes, InvalidJson } from "../lib/canonical.js";
import { html, render } from "../lib/html.js";
import { loadLanguage, preferredLanguage, rememberLanguage } from "../lib/i18n.js";
import { checked, networkFrom, trustIn } from "../lib/chain.js";
import { verify } from "../lib/verdict.js";
import { askDeclarations } from "./declarations.js";
import { networkForm, readForm } from "./form.js";
import { verdictView } from "./view.js";

const DEEPEST = 65; // an event may use 64 levels, the receipt stands around it
const LARGEST_BYTES = 20_000_000;

const page = { t: null, defaults: null, network: null, bytes: null };
const element = (id) => document.getElementById(id);

async function start() {
  const [t, answer] = await Promise.all([messages(preferredLanguage()), fetch("/v1/network").catch(() => null)]);
  page.t = t;
  page.defaults = page.network = answer === null ? null : await networkFrom(answer);
  show();
}

async function messages(language) {
  const t = await loadLanguage(language);
  await t.complete();
  return t;
}

function show() {
  const { t, network } = page;
  document.documentElement.lang = t.language === "zh" ? "zh-CN" : "en";
  document.title = t("verify.title");
  render(element("content"), html`
    <div class="top"><h1>${t("verify.title")}</h1>
      <button type="button" id="language" class="language" aria-label="${t("language.switch")}"><span lang="${t.language === "zh" ? "en" : "zh-CN"}">${t("language.other")}</span></button></div>
    <p>${t("verify.lead")}</p>
    <label class="drop" id="drop">${t("verify.drop")}<input type="file" id="receipt" accept=".json,application/json" aria-label="${t("verify.file")}"></label>
    <div id="result" class="result" role="status" aria-live="polite"></div>
    <details class="section" id="trust"><summary><h2>${t("verify.network")}</h2></summary><div class="body">${networkForm(t, network)}</div></details>`);
}

/** Check the bytes at hand against the network in the form, and show what came out. */
async function check() {
  const { t, bytes } = page;
  if (bytes === null) return;
  let receipt;
  try {
    receipt = parseBytes(bytes, DEEPEST);
  } catch (error) {
    if (!(error instanceof InvalidJson)) throw error;
    render(element("result"), html`<p class="verdict is-altered">${t("verify.unreadable", { reason: error.message })}</p>`);
    return;
  }
  const trust = trustIn(page.network);
  const declarations = page.network === null ? null : (each) => askDeclarations(each, t.of(page.defaults?.operator?.name) || location.host);
  const verdict = await verify(receipt, { ...trust, declarations });
  render(element("result"), verdictView(t, receipt, verdict, trust.chain?.node ?? null));
}

async function take(file) {
  if (file.size > LARGEST_BYTES) {
    render(element("result"), html`<p class="verdict is-altered">${page.t("verify.unreadable", { reason: `${file.size} B` })}</p>`);
    return;
  }
  page.bytes = new Uint8Array(await file.arrayBuffer());
  await check();
}

async function takeNetwork(file) {
  try {
    page.network = checked(parseBytes(new Uint8Array(await file.arrayBuffer())));
  } catch {
    page.network = null;
  }
  const readable = page.network !== null;
  render(element("trust").querySelector(".body"), networkForm(page.t, page.network, readable ? "" : page.t("verify.badFile")));
  if (readable) await check();
}

document.addEventListener("change", (event) => {
  const [file] = event.target.files ?? [];
  if (file && event.target.id === "receipt") take(file);
  if (file && event.target.id === "network-file") takeNetwork(file);
});
document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { network, complaint } = readForm(event.target);
  element("form-error").textContent = complaint ? page.t("verify.badNetwork") : "";
  if (complaint) return;
  page.network = network;
  await check();
});
document.addEventListener("click", async (event) => {
  if (!event.target.closest("#language")) return;
  const language = page.t.language === "zh" ? "en" : "zh";
  rememberLanguage(language);
  page.t = await messages(language);
  show();
  await check();
  element("language").focus();
});
for (const type of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(type, (event) => {
    event.preventDefault();
    element("drop")?.classList.toggle("is-over", type === "dragover");
    if (type === "drop" && event.dataTransfer?.files.length) take(event.dataTransfer.files[0]);
  });
}

start();
