// Role bits of PartnerRegistry, and which role may say which step (check 4 of a verdict).

export const ROLE = {
  brand: 1, producer: 2, logistics: 4, warehouse: 8, inspector: 16, customs: 32, sensor_gateway: 64, operator: 128, arbiter: 256,
};

// The one thing that an operator states: that a day of its audit log is closed.
export const AUDIT_STEP = "https://ns.chain-service.example/steps/audit_log_closed";
const CBV_STEP = "https://ref.gs1.org/cbv/BizStep-";
const MOVING =
  "accepting arriving collecting departing entering_exiting holding loading picking receiving shipping staging_outbound stocking storing transporting unloading void_shipping";
const PACKING = "assembling disassembling packing repackaging replacing unpacking";
const EXAMINING = "accepting inspecting sampling sensor_reporting cycle_counting";

const words = (...lists) => new Set(lists.join(" ").split(" "));
const SAYS = [
  [ROLE.logistics, words(MOVING, PACKING, "inspecting sensor_reporting")],
  [ROLE.warehouse, words(MOVING, PACKING, EXAMINING)],
  [ROLE.inspector, words(EXAMINING, "holding commissioning encoding")],
  [ROLE.customs, words(EXAMINING, "arriving departing entering_exiting holding destroying")],
  [ROLE.sensor_gateway, words("sensor_reporting")],
];
const ANY_STEP = ROLE.brand | ROLE.producer;
const ACTING = SAYS.reduce((bits, [role]) => bits | role, ANY_STEP);

/** The names of the set bits, in the order of the bits. */
export function roleNames(roles) {
  return Object.keys(ROLE).filter((name) => roles & ROLE[name]);
}

/** Whether a partner with roles of these names states anything at all: operators and arbiters as such do not. */
export const acts = (names) => names.some((name) => ACTING & (ROLE[name] ?? 0));

/** Whether a partner with these roles may state this step (full URI, or empty). A step outside the CBV may be said by
 *  everyone who acts on items; an operator says only that a day of its audit log is closed. */
export function maySay(roles, step) {
  if (roles & ANY_STEP) return true;
  if (roles & ROLE.operator && step === AUDIT_STEP) return true;
  if (roles & ACTING && !step.startsWith(CBV_STEP)) return true;
  const word = step.slice(CBV_STEP.length);
  return SAYS.some(([role, steps]) => roles & role && steps.has(word));
}
