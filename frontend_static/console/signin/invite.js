// An invitation: its holder chooses a password. The token leaves the address at once, so that no history keeps it.

import { complain, field, form } from "../../components/form.js";
import { html } from "../../lib/html.js";
import { callOnce, keep } from "../api.js";
import { language, showIn, tell } from "../hearing.js";
import { changed } from "./signin.js";

const SHORTEST = 12;
let token = "";

export const invite = { id: "invite", hidden: true, opens: () => true, show };

/** Called before the room is looked up: `#invite=<token>` becomes `#invite`. */
export function takeInvitation() {
  const given = /^#invite=([\w.~-]+)/.exec(location.hash)?.[1];
  if (!given) return;
  token = given;
  history.replaceState(null, "", "#invite");
}

function show(host) {
  return showIn(host, {
    draw: (t) => (token === "" ? html`<p>${t("invite.none")}</p>` : html`<p>${t("invite.lead")}</p>
      ${form("invite", html`${field({ form: "invite", name: "password", label: t("invite.password"), hint: t("invite.hint"), type: "password", autocomplete: "new-password" })}
        ${field({ form: "invite", name: "again", label: t("invite.again"), type: "password", autocomplete: "new-password" })}`,
      html`<button class="action is-main">${t("invite.accept")}</button>`)}`),
    submits: {
      invite: async ({ password, again }, element) => {
        if (!isChosen(element, password, again)) return;
        keep(await callOnce("POST", "/v1/invitations/accept", { token, password }));
        token = "";
        changed("");
        tell(language()("invite.done"));
      },
    },
  });
}

/** Whether a new password can be sent; says beside its field why not. */
export function isChosen(element, password, again) {
  const t = language();
  const wrong = new Map();
  if ([...password].length < SHORTEST) wrong.set("password", t("invite.tooShort", { least: SHORTEST }));
  else if (password !== again) wrong.set("again", t("invite.differs"));
  if (wrong.size) complain(element, wrong);
  return wrong.size === 0;
}
