// Ask for the data while the rest of the page is still on its way: one round trip less on a slow network.

const get = (address) => fetch(address, { headers: { Accept: "application/json" } });

globalThis.early = {
  passport: get(`/v1/passports${location.pathname}`).catch(() => null),
  network: get("/v1/network").catch(() => null),
};
