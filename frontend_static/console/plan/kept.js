// A sequence that was begun, kept as long as this tab lives: what was done is found again after a reload. It holds what
// is public on the chain anyway; tokens that came out of it are left out.

const KEY = "chain-service/sequence";

export function keep(sequence) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ ...sequence, made: [] }));
  } catch {
    // Storage may be switched off; the sheet itself still shows how far it came.
  }
}

/** The sequence that was begun and not ended, or null. */
export function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

export function forget() {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // nothing was kept
  }
}
