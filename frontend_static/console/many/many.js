// Posting many by spreadsheet: a file is uploaded and shown as understood; nothing is posted before the person says so.

import { boxes, choice, field } from "../../components/form.js";
import { table } from "../../components/table.js";
import { moment } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { asList } from "../../lib/terms.js";
import { call, has } from "../api.js";
import { language, showIn } from "../hearing.js";
import { loaded } from "../loaded.js";
import { hashOf } from "../place.js";
import { troubleWords } from "../trouble.js";
import { one } from "./one.js";
import { stateMark } from "./words.js";

const MOST_BYTES = 20 * 1024 * 1024;
const RIGHTS = { milestones: "state", items: "describe" };
const FORMATS = ["xlsx", "csv"];
const here = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
const kinds = () => Object.keys(RIGHTS).filter((kind) => has(RIGHTS[kind]));

export const many = { id: "many", opens: () => kinds().length > 0, show: (host, place) => (place.parts[0] ? one(host, place) : list(host)) };

function list(host) {
  const chosen = { kind: kinds()[0], zone: here(), isSending: false, trouble: "" };
  const data = loaded(async () => asList((await call("GET", "/v1/imports"))?.imports), () => earlier.redraw());
  const gone = new AbortController();
  const send = async (file) => {
    const t = language();
    if (chosen.isSending) return;
    chosen.trouble = file.size > MOST_BYTES ? t("many.tooLarge") : "";
    if (!chosen.trouble) {
      chosen.isSending = true;
      view.redraw();
      try {
        const query = new URLSearchParams({ kind: chosen.kind, name: file.name.slice(0, 200), zone: chosen.zone || "UTC" });
        const { id } = await call("POST", `/v1/imports?${query}`, new Blob([file], { type: "application/octet-stream" }));
        location.hash = hashOf("many", [id]);
        return;
      } catch (error) {
        const { message, fields } = troubleWords(language(), error);
        chosen.trouble = message || [...fields.values()].join(" ");
      }
      chosen.isSending = false;
    }
    view.redraw();
  };
  // Apart, since the list comes late: drawn anew, the field for the file would forget who has its dialog open.
  render(host, html`<div id="many-new"></div><div id="many-earlier"></div>`);
  const view = showIn(document.getElementById("many-new"), {
    draw: (t) => html`<p>${t("many.lead")}</p>
      <div class="steps">
        ${kinds().length > 1 && boxes({ form: "many", name: "kind", legend: t("many.kind"), type: "radio", chosen: [chosen.kind], options: kinds().map((kind) => ({ value: kind, label: t(`many.kind.${kind}`), hint: t(`many.kindHint.${kind}`) })) })}
        <p class="hint">${t("many.template")} ${FORMATS.map((format) => html`<a class="download" href="/v1/imports/templates/${chosen.kind}?format=${format}&language=${t.language}" download>${t(`many.format.${format}`)}</a> `)}</p>
        ${chosen.kind === "milestones" && zone(t, chosen)}
        <label class="drop" id="drop"><span>${t("many.drop")}</span><input type="file" id="file" accept=".csv,.xlsx,.txt" aria-label="${t("many.file")}" data-change="file" ${chosen.isSending ? html`disabled` : null}></label>
        <p class="error" role="alert" id="many-error">${chosen.trouble}</p>
        ${chosen.isSending && html`<p role="status">${t("many.sending")}</p>`}
      </div>`,
    changes: {
      file: (input) => {
        const [file] = input.files;
        input.value = ""; // the same file may be chosen again, once it is put right
        if (file) send(file);
      },
      zone: ({ value }) => { chosen.zone = value.trim(); },
    },
  });
  const earlier = showIn(document.getElementById("many-earlier"), {
    draw: (t) => html`<h2>${t("many.earlier")}</h2>
      ${data.state(t, (all) => (all.length === 0 ? html`<p class="empty">${t("many.empty")}</p>` : imports(t, all)))}`,
    does: { reload: () => data.load() },
  });
  const each = (act) => [view, earlier].forEach(act);
  // Radio buttons of boxes() name no listener: their kind decides what is shown below them.
  host.addEventListener("change", ({ target }) => {
    if (target.name !== "kind") return;
    chosen.kind = target.value;
    view.redraw();
  }, { signal: gone.signal });
  for (const type of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(type, (event) => {
      event.preventDefault();
      document.getElementById("drop")?.classList.toggle("is-over", type === "dragover");
      if (type === "drop" && event.dataTransfer?.files.length) send(event.dataTransfer.files[0]);
    }, { signal: gone.signal });
  }
  data.load();
  return { redraw: () => each(({ redraw }) => redraw()), leave: () => { gone.abort(); each(({ leave }) => leave()); } };
}

/** In which time zone the file's clock stands: of this browser, unless another is chosen. */
function zone(t, chosen) {
  const known = Intl.supportedValuesOf?.("timeZone") ?? [];
  const all = [...new Set([here(), "UTC", ...known])].map((value) => ({ value, label: value.replaceAll("_", " ") }));
  const shown = { form: "many", name: "zone", label: t("many.zone"), value: chosen.zone };
  return known.length ? choice({ ...shown, options: all, change: "zone" }) : field(shown);
}

function imports(t, all) {
  const columns = ["name", "kind", "state", "rows", "at"].map((name) => t(`many.column.${name}`));
  return table(t("many.earlier"), columns, all.map((each) => [
    html`<a href="${hashOf("many", [each.id])}">${each.name || t("many.unnamed")}</a>`,
    t(`many.kind.${each.kind}`),
    stateMark(t, each),
    t("many.counted", { rows: each.rows, wrong: each.wrong, posted: each.posted }),
    moment(new Date(each.createdAt).getTime(), t.language),
  ]));
}
