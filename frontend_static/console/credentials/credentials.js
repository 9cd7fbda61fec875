// Credentials: the tokens with which the organisation's systems speak to the service. A token is shown once.

import { copyButton, copyFrom } from "../../components/copy.js";
import { saveText } from "../../components/download.js";
import { complain, field, form } from "../../components/form.js";
import { mark } from "../../components/state.js";
import { table } from "../../components/table.js";
import { day, moment } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { asList } from "../../lib/terms.js";
import { call, has } from "../api.js";
import { confirm } from "../confirm.js";
import { inSheet, language, showIn, tell } from "../hearing.js";
import { loaded } from "../loaded.js";
import { rightBoxes, rightWords } from "../signin/rights.js";

const MOST_DAYS = 730;
const DAYS = 365;
const SOON_MS = 30 * 86_400_000;
const at = (time) => (time ? new Date(time).getTime() : null);

export const credentials = { id: "credentials", opens: () => has("manage"), show };

function show(host) {
  const data = loaded(async () => asList((await call("GET", "/v1/credentials"))?.credentials), () => view.redraw());
  const view = showIn(host, {
    draw: (t) => html`<p>${t("credentials.lead")}</p><p class="actions"><button type="button" id="issue" class="action is-main" data-do="issue">${t("credentials.issue")}</button></p>
      ${data.state(t, (all) => (all.length === 0 ? html`<p class="empty">${t("credentials.empty")}</p>` : list(t, all)))}`,
    does: {
      reload: () => data.load(),
      issue: async () => { if (await issueSheet()) await data.load(); },
      revoke: async ({ dataset }) => {
        const t = language();
        const { name } = data.value.find(({ id }) => id === dataset.id);
        if (!(await confirm({ title: t("credentials.revoke", { name }), text: t("credentials.revokeText"), yes: t("credentials.do.revoke"), isFinal: true }))) return;
        await call("DELETE", `/v1/credentials/${encodeURIComponent(dataset.id)}`);
        await data.load();
        tell(t("credentials.revokedNow", { name }));
      },
    },
  });
  data.load();
  return view;
}

function list(t, all) {
  const columns = ["name", "rights", "state", "used", "actions"].map((name) => t(`credentials.column.${name}`));
  return table(t("office.room.credentials"), columns, all.map((each) => [
    html`${each.name}<code class="did">${each.id}</code>`,
    rightWords(t, each.rights),
    stateOf(t, each),
    each.lastUsedAt ? moment(at(each.lastUsedAt), t.language) : t("credentials.never"),
    isGood(each) ? html`<button type="button" class="action" id="revoke-${each.id}" data-do="revoke" data-id="${each.id}" aria-label="${t("credentials.do.revoke")}: ${each.name}">${t("credentials.do.revoke")}</button>` : "",
  ]));
}

const isGood = ({ revokedAt, expiresAt }) => !revokedAt && at(expiresAt) > Date.now();

function stateOf(t, { revokedAt, expiresAt }) {
  if (revokedAt) return mark("altered", t("credentials.revokedOn", { day: day(at(revokedAt), t.language) }));
  const end = { day: day(at(expiresAt), t.language) };
  if (at(expiresAt) <= Date.now()) return mark("undisclosed", t("credentials.expiredOn", end));
  return at(expiresAt) - Date.now() < SOON_MS ? mark("waiting", t("credentials.goodUntil", end)) : mark("proven", t("credentials.goodUntil", end));
}

function issueSheet() {
  let made = null;
  const sheet = inSheet({
    draw: (t) => (made ? tokenView(t, made) : html`<h2 id="sheet-title">${t("credentials.issue")}</h2>
      ${form("credential", html`${field({ form: "credential", name: "name", label: t("credentials.name"), hint: t("credentials.nameHint") })}
        ${rightBoxes(t, "credential", ["state", "read"])}
        ${field({ form: "credential", name: "expiresInDays", label: t("credentials.days"), hint: t("credentials.daysHint", { most: MOST_DAYS }), type: "number", value: DAYS })}`,
      html`<button class="action is-main">${t("credentials.issue")}</button> <button type="button" class="action" data-close>${t("office.cancel")}</button>`)}`),
    submits: {
      credential: async ({ name, rights = [], expiresInDays }, element) => {
        const days = Number(expiresInDays);
        const t = language();
        const wrong = new Map();
        if (!name) wrong.set("name", t("credentials.wrong.name"));
        if (rights.length === 0) wrong.set("rights", t("credentials.wrong.rights"));
        if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS) wrong.set("expiresInDays", t("credentials.wrong.days", { most: MOST_DAYS }));
        if (wrong.size) return complain(element, wrong);
        made = await call("POST", "/v1/credentials", { name, rights, expiresInDays: days });
        sheet.redraw();
        return document.getElementById("sheet-title")?.focus();
      },
    },
    does: { copy: copyFrom(language), save: () => saveText(`${made.token}\n`, `token-${made.id}.txt`) },
  });
  return sheet.closed.then(() => made !== null);
}

const tokenView = (t, { token }) => html`<h2 id="sheet-title" tabindex="-1">${t("credentials.tokenTitle")}</h2><p>${t("credentials.tokenText")}</p>
  ${field({ form: "made", name: "token", label: t("credentials.token"), value: token, lines: 3 })}
  <p class="actions">${copyButton(t, "made-token")}<button type="button" class="action" data-do="save">${t("credentials.save")}</button><button type="button" class="action" data-close>${t("office.close")}</button></p>`;
