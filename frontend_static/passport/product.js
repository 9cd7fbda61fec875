// The product: picture, name, brand, and what its code says.

import { html } from "../lib/html.js";
import { asObject } from "../lib/terms.js";
import { classOf, itemWords } from "./story.js";

export function productCard(t, { item, names }) {
  const name = typeof item.name === "string" ? item.name : "";
  const known = { ...asObject(names[classOf(name)]), ...asObject(names[name]) };
  const image = typeof known.image === "string" && known.image.startsWith("/") && !known.image.startsWith("//") ? known.image : null;
  const keys = Object.entries(asObject(item.keys)).filter(([ai]) => t.has(`key.${ai}`));
  const brand = t.of(known.brand);
  return html`<section class="product">
    ${image && html`<img src="${image}" alt="" width="96" height="96">`}
    <div>
      ${brand && html`<p class="brand">${brand}</p>`}
      <h1>${t.of(known.name) || itemWords(t, name, names)}</h1>
      <ul class="keys">${keys.map(([ai, value]) => html`<li>${t(`key.${ai}`, { value })}</li>`)}</ul>
    </div>
    ${t.of(known.description) && html`<p class="description">${t.of(known.description)}</p>`}
  </section>`;
}
