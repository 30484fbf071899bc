// The article an answer was taken from: its title as a link, and the very passage on demand.
import { t } from "../i18n";
import { safeHref } from "../linkify";
import type { Source } from "../types";
import { h, icon, link } from "./dom";

/** `said` is the message around it: a passage that stands there already is not shown twice. */
export function article(source: Source, said: string): HTMLElement {
  const href = safeHref(source.url, window.location.href);
  const title = source.title ?? "";
  const name = h("span", { class: "card-title" }, title);
  const card = h("div", { class: "source", "data-testid": "article" });
  if (title) {
    card.append(
      href ? link(href, t("opens_new"), icon("file"), name, icon("open")) : h("span", { class: "source-name" }, icon("file"), name),
    );
  }
  card.append(...disclosure(source, said));
  return card;
}

function disclosure({ passage, title, version }: Source, said: string): HTMLElement[] {
  const quote = h("blockquote", { class: "passage", hidden: true, "data-testid": "passage" });
  if (passage && !said.includes(passage)) quote.append(h("p", {}, passage));
  if (title) {
    quote.append(h("footer", {}, version === undefined ? t("source_title", { title }) : t("source_from", { title, version })));
  }
  const toggle = h("button", { class: "text-button", type: "button", "aria-expanded": "false", "data-testid": "show-source" });
  toggle.textContent = t("show_source");
  toggle.addEventListener("click", () => {
    quote.hidden = !quote.hidden;
    toggle.setAttribute("aria-expanded", String(!quote.hidden));
    toggle.textContent = t(quote.hidden ? "show_source" : "hide_source");
  });
  return [toggle, quote];
}
