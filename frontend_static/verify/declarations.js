// Asking this page's operator whether an event was declared erroneous (check 7).

import { parse } from "../lib/canonical.js";

const TIMEOUT_MS = 5000;

/** `{asked, receipts}` for a verdict; null where the operator did not answer. */
export async function askDeclarations(receipt, operator) {
  const { eventID } = receipt.event;
  if (typeof eventID !== "string") return { asked: [operator], receipts: [] };
  try {
    const response = await fetch(`/v1/receipts/${encodeURIComponent(eventID)}?declaration=1&partner=${encodeURIComponent(receipt.reporter.partner)}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.status === 404) return { asked: [operator], receipts: [] };
    if (!response.ok) return null;
    return { asked: [operator], receipts: [parse(await response.text())] };
  } catch {
    return null;
  }
}
