// A session that ended in the middle of work: signing in again over the page, so that nothing typed is lost.

import { html } from "../../lib/html.js";
import { callOnce, keep, loadSession, session } from "../api.js";
import { inSheet, language, tell } from "../hearing.js";
import { changed, enterWith, signInForm } from "./signin.js";

let asked = null; // requests that fail together ask once

/** Ask to sign in again: whether it is the same person's page again. */
export function askAgain() {
  asked ??= ask().finally(() => { asked = null; });
  return asked;
}

async function ask() {
  const before = session.person;
  let oidc = null;
  await callOnce("GET", "/v1/session").then((answer) => { oidc = answer?.oidc ?? null; }, () => null);
  let stillOut = false;
  const sheet = inSheet({
    titled: "again-title",
    draw: (t) => html`<h2 id="again-title">${t("signin.again")}</h2><p>${t("signin.kept")}</p>${signInForm(t, before?.email)}
      ${oidc && html`<p class="or">${t("signin.or")}</p><p class="actions"><a class="action" href="/v1/session/oidc" target="_blank" rel="noopener">${t("signin.elsewhere", { name: oidc.name })}</a>
        <button type="button" class="action" data-do="look">${t("signin.did")}</button></p>`}
      <p class="error" id="sheet-error" role="alert">${stillOut && t("signin.notYet")}</p>
      <p><button type="button" class="link" data-close>${t("office.cancel")}</button></p>`,
    submits: {
      signin: async (given, element) => {
        await enterWith(given, element);
        sheet.close(true);
      },
    },
    does: {
      look: async () => {
        const answer = await callOnce("GET", "/v1/session");
        stillOut = !answer?.person;
        if (stillOut) return sheet.redraw();
        keep(answer);
        return sheet.close(true);
      },
    },
  });
  if (!(await sheet.closed)) return false;
  if (session.person?.id === before?.id) {
    tell(language()("signin.back"));
    return true;
  }
  await loadSession().catch(() => null);
  changed(""); // another person: nothing of the former goes on
  return false;
}
