// Messages by id, in the reader's language. The languages' files hold the same ids; a test proves it.

export const LANGUAGES = ["en", "zh"];
const REMEMBERED = "chain-service/language";

/** The language the reader chose before, else the browser's first that we have, else English. */
export function preferredLanguage() {
  const chosen = remembered();
  if (LANGUAGES.includes(chosen)) return chosen;
  const wanted = navigator.languages ?? [navigator.language];
  return wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => LANGUAGES.includes(tag)) ?? "en";
}

export function rememberLanguage(language) {
  try {
    localStorage.setItem(REMEMBERED, language);
  } catch {
    // Storage may be switched off; the choice then lasts as long as the page.
  }
}

function remembered() {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null;
  }
}

/** The messages of a language as a translator: `t("band.proven", {count: 12})`. `t.complete()` fetches those that the
 *  first view does without, and those of further parts that are named. */
export async function loadLanguage(language) {
  const messages = await fetchMessages(language);
  const t = translator(language, messages);
  const fetched = new Map();
  const fetchPart = (part) => {
    if (!fetched.has(part)) fetched.set(part, fetchMessages(`${language}.${part}`).then((more) => void Object.assign(messages, more)));
    return fetched.get(part);
  };
  t.complete = (...parts) => Promise.all(["more", ...parts].map(fetchPart));
  return t;
}

async function fetchMessages(name) {
  const response = await fetch(`/static/locales/${name}.json`);
  return response.json();
}

/** `t(id, values)`: the message with `{name}` replaced. Where `values.count` is given and `id.one` exists, the plural
 *  form is chosen. `t.has(id)`, `t.language`; `t.of({en, zh})` picks a text out of data, '' when there is none. */
export function translator(language, messages) {
  const plural = new Intl.PluralRules(language);
  const t = (id, values = {}) => {
    const chosen = values.count !== undefined && `${id}.one` in messages && plural.select(values.count) === "one" ? `${id}.one` : id;
    return (messages[chosen] ?? id).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  };
  t.language = language;
  t.has = (id) => Object.hasOwn(messages, id);
  t.of = (text) => {
    if (typeof text === "string") return text;
    if (text === null || typeof text !== "object") return "";
    const found = text[language] ?? text.en ?? Object.values(text)[0];
    return typeof found === "string" ? found : "";
  };
  return t;
}
