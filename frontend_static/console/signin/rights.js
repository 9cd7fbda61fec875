// Rights in words, and as check boxes of what the person may grant: nobody grants a right that they lack.

import { boxes } from "../../components/form.js";
import { has, session } from "../api.js";

export const RIGHTS = ["state", "describe", "read", "manage", "administer"];

/** A list of rights in words. */
export const rightWords = (t, rights) => RIGHTS.filter((right) => (rights ?? []).includes(right)).map((right) => t(`right.${right}`)).join(t("list.comma")) || t("rights.none");

/** Check boxes of the rights; those that the person lacks can't be ticked. `without`: not for this kind of holder. */
export function rightBoxes(t, form, chosen, without = []) {
  const possible = RIGHTS.filter((right) => !without.includes(right) && (right !== "administer" || (session.partner?.roles ?? []).includes("operator")));
  const options = possible.map((right) => ({
    value: right, label: t(`right.${right}`), disabled: !has(right), hint: has(right) ? t(`right.${right}.hint`) : t("rights.lacking"),
  }));
  return boxes({ form, name: "rights", legend: t("rights.legend"), options, chosen });
}
