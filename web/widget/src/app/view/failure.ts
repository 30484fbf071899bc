// The line under something that was not sent: why, and the ways on.
import { t } from "../i18n";
import { h, icon, say } from "./dom";

/** Read out at once. */
export function failure(reason: string, remove: () => void, retry?: () => void): HTMLElement {
  const words = h("span", {});
  say(words, `${t("failed")} ${reason}`);
  return h(
    "div",
    { class: "failure", role: "alert" },
    icon("warn"),
    words,
    retry && h("button", { class: "text-button", type: "button", onclick: retry, "data-testid": "retry" }, t("retry")),
    h("button", { class: "text-button", type: "button", onclick: remove, "data-testid": "remove" }, t("remove")),
  );
}
