// Where in the console: #room/part?filter=word, readable and shareable.

/** `{room, parts, query}` of an address's hash. */
export function placeOf(hash) {
  const [path, search = ""] = hash.replace(/^#/, "").split("?");
  const [room, ...parts] = path.split("/").map(decoded);
  return { room, parts, query: new URLSearchParams(search) };
}

/** The hash of a place; empty filters are left out. */
export function hashOf(room, parts = [], query = {}) {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
  const path = [room, ...parts.map(encodeURIComponent)].join("/");
  return `#${path}${String(search) && `?${search}`}`;
}

/** Change the filters of the address without a new entry in the history. */
export function keepFilters(room, parts, query) {
  history.replaceState(null, "", hashOf(room, parts, query));
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
