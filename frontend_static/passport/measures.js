// What sensors and laboratories reported in a step: series over time, and single values, each with its limits.

import { asList, asObject, humanWord, lastWord } from "../lib/terms.js";
import { eventTime } from "./story.js";
import { parseTime } from "../lib/statement.js";

const SHORTEST_SERIES = 3;

/** `{series, values}` of an event with plain terms. `limits`: of the item by measurement type, `{min, max}`; they hold
 *  for readings that name nothing more special than their type.
 *  series: `{name, code, points: [{time, value}], low, high, min, max, outside}`
 *  values: `{name, code, value | text, min, max, low, high, outside}` */
export function measures(t, event, limits = {}) {
  const groups = new Map();
  for (const element of asList(event.sensorElementList)) {
    const meta = asObject(asObject(element).sensorMetadata);
    for (const report of asList(asObject(element).sensorReport).map(asObject)) {
      const key = JSON.stringify([report.type, report.name, report.uom, report.component, report.deviceID ?? meta.deviceID]);
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push({ ...report, time: timeOf(report.time) ?? timeOf(meta.time) ?? eventTime(event) });
    }
  }
  const result = { series: [], values: [] };
  for (const reports of groups.values()) {
    const points = reports.filter((report) => isNumber(report.value) && report.time !== null);
    if (points.length >= SHORTEST_SERIES) result.series.push(seriesOf(t, reports, points, limits));
    else result.values.push(...reports.map((report) => valueOf(t, report, limits)).filter((value) => value !== null));
  }
  return result;
}

/** What a row says of a step's measures, `{text, series}`; null where there are none. `write(value, code, most)` with unit; a range where `most` is given. */
export function summary(t, { series, values }, write) {
  if (values.length > 3 || (values.length && !series.length)) return { text: valuesInWords(t, values, write), series: null };
  if (series.length) return { text: seriesInWords(t, series[0], write), series: series[0] };
  return null;
}

/** '3.1 to 4.4 °C of 2 to 6 °C', or how many readings lie outside. */
export function seriesInWords(t, each, write) {
  const span = spanOf(each, write);
  const allowed = limitsInWords(t, each, write);
  if (!allowed) return span;
  return each.outside ? t("measure.outside", { count: each.outside, span, allowed }) : t("measure.within", { span, allowed });
}

/** What was measured: the text, the value, or from least to most. */
export function valueInWords(value, write) {
  return value.text ?? (value.value === null ? spanOf(value, write) : write(value.value, value.code));
}

const spanOf = ({ min, max, code }, write) => (min === max ? write(min, code) : write(min, code, max));

export function limitsInWords(t, { low, high, code }, write) {
  if (low !== null && high !== null) return write(low, code, high);
  if (high !== null) return t("measure.atMost", { max: write(high, code) });
  return low === null ? "" : t("measure.atLeast", { min: write(low, code) });
}

function valuesInWords(t, values, write) {
  const limited = values.filter((value) => value.low !== null || value.high !== null);
  const outside = values.filter((value) => value.outside).length;
  if (values.length === 1) {
    const [value] = values;
    const written = valueInWords(value, write);
    const allowed = limitsInWords(t, value, write);
    const known = { name: value.name, value: written, allowed, count: 1 };
    return allowed ? t(value.outside ? "measure.oneOutside" : "measure.oneWithin", known) : t("measure.one", known);
  }
  if (outside) return t("measure.someOutside", { count: outside, total: values.length });
  return t(limited.length === values.length ? "measure.allWithin" : limited.length ? "measure.noneOutside" : "measure.measured", { count: values.length });
}

function seriesOf(t, reports, points, limits) {
  const { low, high } = limitsOf(reports, limits);
  const numbers = reports.flatMap((report) => [report.value, report.minValue, report.maxValue]).filter(isNumber);
  return {
    name: nameOf(t, reports[0]), code: reports[0].uom, low, high,
    points: points.map(({ time, value }) => ({ time, value })).sort((a, b) => a.time - b.time),
    min: Math.min(...numbers), max: Math.max(...numbers),
    outside: points.filter(({ value }) => isOutside(value, low, high)).length,
  };
}

function valueOf(t, report, limits) {
  const { low, high } = limitsOf([report], limits);
  const numbers = [report.value, report.minValue, report.maxValue, report.meanValue].filter(isNumber);
  const text = typeof report.stringValue === "string" ? report.stringValue
    : typeof report.booleanValue === "boolean" ? t(report.booleanValue ? "measure.yes" : "measure.no")
      : typeof report.uriValue === "string" ? report.uriValue : typeof report.hexBinaryValue === "string" ? report.hexBinaryValue : null;
  if (!numbers.length && text === null) return null;
  return {
    name: nameOf(t, report), code: report.uom, low, high,
    value: isNumber(report.value) ? report.value : null,
    min: numbers.length ? Math.min(...numbers) : null, max: numbers.length ? Math.max(...numbers) : null,
    text: numbers.length ? null : t.has(`measure.text.${text}`) ? t(`measure.text.${text}`) : text,
    outside: numbers.some((number) => isOutside(number, low, high)) || lastWord(report.exception) === "ALARM_CONDITION",
  };
}

function limitsOf(reports, limits) {
  const own = reports.find((report) => isNumber(report.lowerLimit) || isNumber(report.upperLimit));
  const given = own ? { min: own.lowerLimit, max: own.upperLimit } : reports.some((report) => report.name) ? {} : limits[lastWord(reports[0].type)] ?? {};
  const fits = own || !given.uom || given.uom === reports[0].uom;
  return { low: fits && isNumber(given.min) ? given.min : null, high: fits && isNumber(given.max) ? given.max : null };
}

function nameOf(t, report) {
  const own = t.of(report.name);
  const type = lastWord(report.type);
  return own || (t.has(`sensor.${type}`) ? t(`sensor.${type}`) : humanWord(type) || t("sensor.other"));
}

function timeOf(text) {
  try {
    return typeof text === "string" ? parseTime(text) : null;
  } catch {
    return null;
  }
}

const isNumber = (value) => typeof value === "number";
const isOutside = (value, low, high) => (low !== null && value < low) || (high !== null && value > high);
