// What stands around every room: the navigation, the title, the language, the line that says what happened.

import { html } from "../lib/html.js";
import { session } from "./api.js";

const NARROW = new Set(["sign", "signin", "invite", "account", "disclosure", "closed"]); // text, not tables

export function frame(t, room, rooms, title) {
  const { person } = session;
  return html`<nav class="rooms" aria-label="${t("console.rooms")}">
    ${person && html`<button type="button" id="menu" class="menu" aria-expanded="false" aria-controls="room-list"><span aria-hidden="true">☰</span> ${t("office.menu")}</button>`}
    <div id="room-list" class="${person ? "room-list folds" : "room-list"}">
      ${rooms.map(({ id }) => html`<a href="#${id}" ${id === room.id ? html`aria-current="page"` : null}>${t(`office.room.${id}`)}</a>`)}
      <a href="/verify">${t("verify.title")}</a>
    </div>
  </nav>
  <main class="tool ${NARROW.has(room.id) ? "" : "is-wide"}">
    <div class="top"><h1 id="title" tabindex="-1">${title}</h1>
      <button type="button" id="language" class="language" aria-label="${t("language.switch")}"><span lang="${t.language === "zh" ? "en" : "zh-CN"}">${t("language.other")}</span></button></div>
    <div id="room"></div>
    <div id="notice" role="status" aria-live="polite"></div>
  </main>`;
}
