// What every surface of the console shares: the language, the words for trouble, the line at the foot of the page.

import { html, render } from "../lib/html.js";
import { mount } from "../components/surface.js";
import { openSheet } from "../components/sheet.js";
import { troubleWords } from "./trouble.js";

let undoing = null;
let speaking = null;

/** The translator from now on. */
export function speak(t) {
  speaking = t;
}

export const language = () => speaking;

/** Say in one line what happened; `undo`: what takes it back, where something does. `state`: proven or altered. */
export function tell(message, { undo = null, state = "proven" } = {}) {
  undoing = undo;
  const place = document.getElementById("notice");
  if (place) render(place, message && html`<p class="notice is-${state}"><span>${message}</span>${undo && html` <button type="button" id="undo" class="action">${speaking("office.undo")}</button>`}</p>`);
}

/** Take back what was told last. */
export async function takeBack() {
  const undo = undoing;
  if (undo === null) return;
  tell(speaking("office.undoing"));
  try {
    await undo();
    tell(speaking("office.undone"));
  } catch (error) {
    tell(troubleWords(speaking, error).message, { state: "altered" });
  }
}

const hearing = { language, words: troubleWords, tell: (message) => tell(message, { state: "altered" }) };

export const showIn = (element, surface) => mount(element, surface, hearing);
export const inSheet = (surface) => openSheet(surface, hearing);
