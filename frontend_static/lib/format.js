// Dates, numbers, units and countries as a reader writes them.

const LOCALE = { en: "en-GB", zh: "zh-CN" };

// UN/ECE Recommendation 20 codes that sensor reports and quantities use, and how they are written.
const UNITS = {
  CEL: "°C", FAH: "°F", KEL: "K", P1: "%", KGM: "kg", GRM: "g", MGM: "mg", MC: "µg", TNE: "t", LTR: "L", MLT: "mL", HLT: "hL",
  MTR: "m", CMT: "cm", MMT: "mm", KMT: "km", MTK: "m²", MTQ: "m³", HAR: "ha", HUR: "h", MIN: "min", SEC: "s", DAY: "d",
  KPA: "kPa", HPA: "hPa", A97: "hPa", PAL: "Pa", BAR: "bar", LUX: "lx", KWH: "kWh", KJO: "kJ", JOU: "J", VLT: "V", AMP: "A",
  59: "ppm", 61: "ppb", NA: "mg/kg", M1: "mg/L", GL: "g/L", A93: "g/m³", GQ: "µg/m³", H29: "µg/L", J33: "µg/kg", GK: "g/kg", B35: "kg/L", B42: "kJ/kg", MTS: "m/s",
  KMH: "km/h", "2N": "dB", DD: "°", BQL: "Bq", A18: "Bq/kg", NEW: "N", D10: "S/m", H61: "mS/cm", Q30: "pH", C62: "", EA: "", H87: "",
};

export const unit = (code) => (typeof code === "string" ? UNITS[code] ?? code : "");

/** '8.4 °C'; a percentage and a degree of angle stand without a space. */
export function quantity(value, code, language) {
  const written = unit(code);
  const space = written === "" || written === "%" || written === "°" ? "" : "\u00a0";
  return `${number(value, language)}${space}${written}`;
}

/** '2–6 °C'; the word joiner keeps a line from breaking after the dash. */
export function range(least, most, code, language) {
  return `${number(least, language)}–\u2060${quantity(most, code, language)}`;
}

export function number(value, language) {
  const digits = Math.abs(value) < 0.001 && value !== 0 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 3 };
  return new Intl.NumberFormat(LOCALE[language], digits).format(value);
}

/** A day, such as '3 Oct 2026'. `offset` as in EPCIS ('+08:00'): the day as it was where it happened. */
export function day(milliseconds, language, offset) {
  return written(milliseconds, language, offset, { day: "numeric", month: language === "zh" ? "long" : "short", year: "numeric" });
}

/** As day, without the year where that is `year`. */
export function dayOf(milliseconds, language, offset, year) {
  return yearOf(milliseconds) === year ? written(milliseconds, language, offset, { day: "numeric", month: language === "zh" ? "long" : "short" }) : day(milliseconds, language, offset);
}

export const yearOf = (milliseconds) => new Date(milliseconds).getUTCFullYear();

/** Hour and minute, such as '10:04'. */
export function clock(milliseconds, language, offset) {
  return written(milliseconds, language, offset, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

/** A day in words without the year, such as '3 October'. */
export function dayInWords(milliseconds, language, offset) {
  return written(milliseconds, language, offset, { day: "numeric", month: "long" });
}

/** Day and minute, such as '12 Nov 2026, 10:04'; without `offset` in the reader's own time zone. */
export function moment(milliseconds, language, offset) {
  return written(milliseconds, language, offset, {
    day: "numeric", month: language === "zh" ? "long" : "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });
}

function written(milliseconds, language, offset, options) {
  if (!Number.isFinite(milliseconds) || Math.abs(milliseconds) > 8.64e15) return "";
  const match = /^([+-])(\d\d):(\d\d)$/.exec(offset ?? "");
  const shifted = match ? milliseconds + (match[1] === "-" ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) * 60000 : milliseconds;
  const text = new Intl.DateTimeFormat(LOCALE[language], match ? { ...options, timeZone: "UTC" } : options).format(shifted);
  return language === "zh" ? text.replace(/(\d)(?=[年月日])/g, "$1 ").replace(/([年月日])(?=\d)/g, "$1 ") : text;
}

/** The name of a country by its ISO 3166 code; the code where the browser knows no name. */
export function country(code, language) {
  try {
    return new Intl.DisplayNames(LOCALE[language], { type: "region" }).of(code);
  } catch {
    return code;
  }
}

/** Names in one line: 'A, B and C'. */
export function list(names, language) {
  return new Intl.ListFormat(LOCALE[language], { type: "conjunction" }).format(names);
}
