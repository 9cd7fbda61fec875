// Signing in: by email and password, and where the operator has one, by another provider.

import { field, form } from "../../components/form.js";
import { html } from "../../lib/html.js";
import { asking, call, callOnce, keep, session } from "../api.js";
import { showIn } from "../hearing.js";

export const signIn = { id: "signin", opens: () => session.person === null, show: (host, place) => showIn(host, surface(place)) };

function surface({ room }) {
  return {
    draw: (t) => html`<p>${t(room === "signin" ? "signin.lead" : "signin.needed")}</p>
      ${signInForm(t)}${session.oidc && html`<p class="or">${t("signin.or")}</p><p><a class="action" href="/v1/session/oidc">${t("signin.with", { name: session.oidc.name })}</a></p>`}
      <p class="hint">${t("signin.forgotten")}</p>`,
    submits: {
      signin: async (given, element) => {
        await enterWith(given, element);
        changed(room === "signin" ? "" : undefined);
      },
    },
  };
}

/** The fields of signing in; `email` where it is known. */
export function signInForm(t, email = "") {
  return form("signin", html`
    ${field({ form: "signin", name: "email", label: t("signin.email"), type: "email", autocomplete: "username", value: email })}
    ${field({ form: "signin", name: "password", label: t("signin.password"), type: "password", autocomplete: "current-password" })}`,
  html`<button class="action is-main">${t("signin.enter")}</button>`);
}

/** Sign in with what the form holds; a refused password is taken out of its field. @throws Refused, Unreachable */
export async function enterWith({ email, password }, element) {
  try {
    keep(await callOnce("POST", "/v1/session", { email, password }));
  } catch (error) {
    element.elements.password.value = "";
    throw error;
  }
}

export async function signOut() {
  const renew = asking.renew;
  asking.renew = async () => false; // a session that is over needs no end
  try {
    await call("DELETE", "/v1/session");
  } catch (error) {
    if (error.status !== 401) throw error;
  } finally {
    asking.renew = renew;
  }
  keep({ oidc: session.oidc });
  changed("");
}

/** Tell the console that another person is here; `hash`: where to go on, undefined to stay. */
export const changed = (hash) => document.dispatchEvent(new CustomEvent("session", { detail: { hash } }));
