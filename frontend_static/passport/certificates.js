// Certificates that an event carries: this product's terms, GS1's certification objects, and bare certificationInfo.

import { asList, asObject } from "../lib/terms.js";

/** `[{name, number, standard, issuedBy, from, until, link}]` of an event with plain terms; texts may be '' and dates null. */
export function certificates(t, event) {
  const links = asList(event.certificationInfo).filter((link) => typeof link === "string");
  const found = [...asList(event.certificates), ...asList(event.certification), ...asList(asObject(event.ilmd).certification)].map(asObject).map((each) => ({
    name: t.of(each.name) || t.of(each.certificationType) || "",
    number: text(each.number) || text(each.certificationIdentification) || text(each.certificationValue),
    standard: text(each.standard) || text(each.certificationStandard),
    issuedBy: t.of(each.issuedBy) || t.of(each.certificationAgency),
    from: date(each.validFrom ?? each.certificationStartDate),
    until: date(each.validUntil ?? each.certificationEndDate),
    link: link(each.certificationURI),
  }));
  // A bare link belongs to the certificate whose number it ends in, else it is a certificate of its own.
  for (const url of links) {
    const named = found.find((each) => !each.link && each.number && url.endsWith(each.number));
    if (named) named.link = link(url);
    else found.push({ name: "", number: "", standard: "", issuedBy: "", from: null, until: null, link: link(url), url });
  }
  return found;
}

const text = (value) => (typeof value === "string" || typeof value === "number" ? String(value) : "");
const link = (value) => (typeof value === "string" && /^https?:\/\//i.test(value) ? value : null);

function date(value) {
  const milliseconds = typeof value === "string" ? Date.parse(value) : NaN;
  return Number.isNaN(milliseconds) ? null : milliseconds;
}
