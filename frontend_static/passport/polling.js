// While steps wait for their seal, the passport is asked for again: soon first, then less often, and not while nobody looks.

import { readPassport } from "./model.js";

const FIRST_MS = 1500;
const MOST_MS = 10000;

/** Wait until the service says something new of the passport; `renew(text)` gets what it sent. */
export function pollUntilNews(passport, renew, delay = FIRST_MS) {
  setTimeout(async () => {
    if (document.hidden) return pollUntilNews(passport, renew, delay);
    const answer = await fetch(`/v1/passports${location.pathname}`, { headers: { Accept: "application/json" } }).catch(() => null);
    const fresh = answer?.ok ? await answer.text() : null;
    if (fresh === null || !isNews(fresh, passport)) return pollUntilNews(passport, renew, Math.min(delay * 1.5, MOST_MS));
    await renew(fresh);
  }, delay);
}

function isNews(text, passport) {
  try {
    return record(readPassport(text)) !== record(passport);
  } catch {
    return false;
  }
}

const record = ({ steps, closed }) => JSON.stringify([steps.map((step) => step.receipt), closed.map((step) => step.entry)]);
