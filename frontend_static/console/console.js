// /console/: the rooms for people at work, one at a time, by the address's hash. Who may enter which, the service decides;
// here only those are shown that the person's rights open.

import { dismissSheets } from "../components/sheet.js";
import { loadLanguage, preferredLanguage, rememberLanguage } from "../lib/i18n.js";
import { render } from "../lib/html.js";
import { asking, loadSession, session } from "./api.js";
import { frame } from "./frame.js";
import { language, speak, takeBack, tell } from "./hearing.js";
import { placeOf } from "./place.js";
import { ROOMS, firstRoom } from "./rooms.js";
import { closed } from "./signin/closed.js";
import { takeInvitation } from "./signin/invite.js";
import { askAgain } from "./signin/renew.js";
import { signIn } from "./signin/signin.js";

const element = (id) => document.getElementById(id);
let shown = { room: null, view: null };

async function start() {
  const [t] = await Promise.all([messages(preferredLanguage()), loadSession().catch(() => null)]);
  speak(t);
  asking.renew = askAgain;
  enter();
  addEventListener("hashchange", () => enter(true));
}

async function messages(language) {
  const t = await loadLanguage(language);
  await t.complete("console", "office", "registry", "many");
  return t;
}

/** The room that the address names, as far as it is open to who is signed in. */
function roomOf({ room }) {
  const named = ROOMS.find(({ id }) => id === room) ?? (room === "" ? firstRoom() : null);
  if (named === null) return closed;
  if (named.opens()) return named;
  return session.person === null ? signIn : closed;
}

function enter(moved = false) {
  takeInvitation();
  dismissSheets();
  const place = placeOf(location.hash);
  const room = roomOf(place);
  shown.view?.leave();
  shown = { room, place, view: null };
  drawFrame();
  tell("");
  shown.view = room.show(element("room"), place);
  if (moved) element("title").focus();
}

function drawFrame() {
  const t = language();
  const { room } = shown;
  const title = t(`office.room.${room.id}`);
  document.documentElement.lang = t.language === "zh" ? "zh-CN" : "en";
  document.title = title;
  render(element("content"), frame(t, room, ROOMS.filter((each) => each.opens() && !each.hidden), title));
}

async function switchLanguage() {
  const other = language().language === "zh" ? "en" : "zh";
  rememberLanguage(other);
  const t = await messages(other);
  const room = element("room");
  speak(t);
  drawFrame();
  element("room").replaceWith(room); // what was typed stays; the room says the rest anew
  shown.view.redraw();
  element("language").focus();
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.id === "language") switchLanguage();
  if (button?.id === "undo") takeBack();
  if (button?.id === "menu") {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    element("room-list").classList.toggle("is-open", open);
  }
  if (target.closest("#room-list a[aria-current]") && element("menu")) element("menu").click();
});
// Signing in, signing out, or another person: the rooms are others.
document.addEventListener("session", ({ detail }) => {
  if (detail?.hash !== undefined) history.replaceState(null, "", detail.hash || location.pathname);
  enter(true);
});

start();
