// The article an answer was taken from: its title as a link, and the very passage on demand.
import { t } from "../i18n";
import { safeHref } from "../linkify";
import type { Source } from "../types";
import { h, icon, link } from "./dom";

export function article(source: Source): HTMLElement {
  const href = safeHref(source.url, window.location.href);
  const title = source.title ?? "";
  const name = h("span", { class: "card-title" }, title);
  const card = h("div", { class: "source", "data-testid": "article" });
  if (title) {
    card.append(
      href ? link(href, t("opens_new"), icon("file"), name, icon("open")) : h("span", { class: "source-name" }, icon("file"), name),
    );
  }
  if (source.passage) card.append(...disclosure(source.passage, title));
  return card;
}

function disclosure(passage: string, title: string): HTMLElement[] {
  const quote = h("blockquote", { class: "passage", hidden: true, "data-testid": "passage" }, h("p", {}, passage));
  if (title) quote.append(h("footer", {}, t("source_from", { title })));
  const toggle = h("button", { class: "text-button", type: "button", "aria-expanded": "false", "data-testid": "show-source" });
  toggle.textContent = t("show_source");
  toggle.addEventListener("click", () => {
    quote.hidden = !quote.hidden;
    toggle.setAttribute("aria-expanded", String(!quote.hidden));
    toggle.textContent = t(quote.hidden ? "show_source" : "hide_source");
  });
  return [toggle, quote];
}
