// Your account: who is signed in, with which rights; another password; signing out.

import { field, form } from "../../components/form.js";
import { html } from "../../lib/html.js";
import { call, keep, session } from "../api.js";
import { language, showIn, tell } from "../hearing.js";
import { isChosen } from "./invite.js";
import { rightWords } from "./rights.js";
import { signOut } from "./signin.js";

export const account = { id: "account", opens: () => session.person !== null, show: (host) => showIn(host, surface) };

const surface = {
  draw: (t) => html`<dl class="facts">
      <dt>${t("account.name")}</dt><dd>${session.person?.name}</dd>
      <dt>${t("signin.email")}</dt><dd>${session.person?.email}</dd>
      <dt>${t("account.organisation")}</dt><dd>${t.of(session.partner?.name)} <span class="did">${session.partner?.did}</span></dd>
      <dt>${t("rights.legend")}</dt><dd>${rightWords(t, session.person?.rights)}</dd></dl>
    <p><button type="button" class="action" id="sign-out" data-do="out">${t("account.out")}</button></p>
    <h2>${t("account.change")}</h2>
    ${form("change", html`${field({ form: "change", name: "old", label: t("account.old"), type: "password", autocomplete: "current-password" })}
      ${field({ form: "change", name: "password", label: t("invite.password"), hint: t("invite.hint"), type: "password", autocomplete: "new-password" })}
      ${field({ form: "change", name: "again", label: t("invite.again"), type: "password", autocomplete: "new-password" })}`,
    html`<button class="action">${t("account.change")}</button>`)}`,
  does: { out: signOut },
  submits: {
    change: async ({ old, password, again }, element) => {
      if (!isChosen(element, password, again)) return;
      try {
        keep(await call("POST", "/v1/session/password", { old, new: password }));
      } catch (error) {
        throw beside(error);
      }
      element.reset();
      tell(language()("account.changed"));
    },
  },
};

// The form has other names than the request; a wrong password here is the old one.
function beside(error) {
  const named = (error.errors ?? []).map((each) => ({ ...each, pointer: each.pointer === "/new" ? "/password" : each.pointer }));
  if (error.kind === "wrong-login") named.push({ pointer: "/old", detail: language()("account.wrong") });
  if (error.errors) error.errors = named;
  if (error.kind === "wrong-login") error.kind = "wrong-password";
  return error;
}
