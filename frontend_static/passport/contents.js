// What a step was about: its items with their amounts, and other facts that its event states.

import { canonicalName } from "../lib/digital_link.js";
import { country, number, unit } from "../lib/format.js";
import { identifiers } from "../lib/statement.js";
import { asList, asObject } from "../lib/terms.js";
import { itemWords } from "./story.js";

/** The what dimension in words: `[{role, items: [{words, amount}], more}]`, at most `most` items of each role. */
export function itemsOfStep(t, event, original, names, most = 4) {
  const roles = new Map();
  try {
    const amounts = amountsOf(t, event);
    for (const [role, name] of identifiers(original)) {
      if (!roles.has(role)) roles.set(role, []);
      roles.get(role).push({ words: itemWords(t, name, names), amount: amounts.get(name) ?? "" });
    }
  } catch {
    return []; // check 2 says what is wrong with the identifiers
  }
  return [...roles].map(([role, items]) => ({ role, items: items.slice(0, most), more: Math.max(0, items.length - most) }));
}

function amountsOf(t, event) {
  const amounts = new Map();
  for (const field of ["quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"]) {
    for (const each of asList(event[field])) {
      const { epcClass, quantity, uom } = asObject(each);
      if (typeof epcClass !== "string" || typeof quantity !== "number") continue;
      amounts.set(canonicalName(epcClass), `${number(quantity, t.language)}\u00a0${unit(uom) || t("amount.pieces")}`);
    }
  }
  return amounts;
}

/** Other facts that an event states about the item or itself, as `[[label, text]]`. */
export function facts(t, event) {
  const found = [];
  const held = { ...asObject(event.ilmd), ...event };
  for (const [name, value] of Object.entries(held)) {
    if (!t.has(`fact.${name}`)) continue;
    const text = typeof value === "number" ? number(value, t.language) : name === "countryOfOrigin" ? country(String(value), t.language) : t.of(value);
    if (text) found.push([t(`fact.${name}`), text]);
  }
  return found;
}
