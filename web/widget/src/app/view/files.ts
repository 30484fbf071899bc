// Files in the list: a chip with name and size, and the uploads that are still on their way.
import { t } from "../i18n";
import { size } from "../time";
import type { Attachment } from "../types";
import type { Upload } from "../uploads";
import { h, icon } from "./dom";
import { failure } from "./failure";

export function fileChip(file: Attachment, open: (file: Attachment) => void): HTMLElement {
  const words = h("span", { class: "file-words" }, h("span", { class: "file-name" }, file.name), h("small", {}, size(file.size)));
  const kind = icon(file.mime.startsWith("image/") ? "image" : "file");
  return h(
    "button",
    {
      ...{ class: "file-chip", type: "button", "data-testid": "file" },
      onclick: () => open(file),
    },
    h("span", { class: "hidden-text" }, t("download")),
    kind,
    words,
    icon("down"),
  );
}

export function uploadElement(upload: Upload, remove: () => void, retry: () => void): HTMLElement {
  const failed = upload.state === "failed";
  const words = h("span", { class: "file-words" }, h("span", { class: "file-name" }, upload.name), h("small", {}, size(upload.size)));
  const bar = failed ? null : h("span", { class: "upload-bar", role: "progressbar", "aria-label": t("sending") });
  const chip = h("div", { class: "file-chip" }, icon(upload.mime.startsWith("image/") ? "image" : "file"), words, bar);
  const tooLarge = upload.reason === "too-large";
  const reason = tooLarge ? t("file_too_large") : upload.reason === "unreachable" ? t("file_unreachable") : (upload.reason ?? "");
  const foot = h("div", { class: "message-foot" }, failed ? failure(reason, remove, tooLarge ? undefined : retry) : t("sending"));
  return h(
    "div",
    {
      ...{ class: "message is-first is-last", "data-testid": "upload", "data-author": "customer" },
      ...{ "data-kind": "file", "data-state": upload.state },
    },
    h("div", { class: "turn" }, h("div", { class: "turn-body" }, h("div", { class: "bubble" }, chip))),
    foot,
  );
}
