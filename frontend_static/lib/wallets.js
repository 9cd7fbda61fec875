// The wallets of this browser: those that announce themselves (EIP-6963), else the one at window.ethereum (EIP-1193).

/** Calls `found` with a list of `{name, provider}` now and whenever it changes; name '' where the wallet told none. */
export function watchWallets(found) {
  const announced = [];
  const tell = () => {
    const { ethereum } = window;
    const alone = announced.length === 0 && typeof ethereum?.request === "function";
    found(alone ? [{ name: "", provider: ethereum }] : [...announced]);
  };
  window.addEventListener("eip6963:announceProvider", ({ detail }) => {
    const { info, provider } = detail ?? {};
    if (typeof provider?.request !== "function" || announced.some((known) => known.provider === provider)) return;
    announced.push({ name: String(info?.name ?? "").slice(0, 40), provider });
    tell();
  });
  window.addEventListener("ethereum#initialized", tell, { once: true });
  window.dispatchEvent(new Event("eip6963:requestProvider"));
  tell();
}
