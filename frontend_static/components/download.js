// A receipt as a file, exactly as it was checked.

import { asObject } from "../lib/terms.js";

export function saveReceipt(receipt) {
  const digest = String(asObject(asObject(receipt).statement).eventDigest ?? "step");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(receipt, null, 1)], { type: "application/json" }));
  link.download = `receipt-${digest.slice(2, 14)}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
