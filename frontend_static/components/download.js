// What a page holds, as a file.

import { asObject } from "../lib/terms.js";

/** A receipt exactly as it was checked. */
export function saveReceipt(receipt) {
  const digest = String(asObject(asObject(receipt).statement).eventDigest ?? "step");
  saveJson(receipt, `receipt-${digest.slice(2, 14)}.json`);
}

export const saveJson = (value, name) => save(JSON.stringify(value, null, 1), "application/json", name);

export const saveText = (text, name) => save(text, "text/plain", name);

function save(text, type, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
