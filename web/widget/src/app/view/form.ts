// A form inside a message: labelled fields, checked before they are sent, read-only ever after.
import { t } from "../i18n";
import type { FormField, Message, Values } from "../types";
import { h, icon, say, set } from "./dom";

const EMAIL = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/u;
const MAX_VALUE = 4000;

interface Control {
  field: FormField;
  input: HTMLInputElement | HTMLTextAreaElement;
  error: HTMLElement;
}

export function form(message: Message, live: boolean, values: Values | null, submit: (values: Values) => void): HTMLElement {
  const fields = message.payload.form?.fields ?? [];
  if (!live) return answered(fields, values);
  const controls = fields.map((field, index) => control(field, `f-${message.id}-${index}`));
  const element = h("form", { class: "form", novalidate: true, "data-testid": "form" }, ...controls.map(wrapped));
  const button = h("button", { class: "primary", type: "submit", "data-testid": "form-send" }, t("form_send"));
  element.append(button);
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    const wrong = controls.filter((one) => !check(one));
    if (wrong[0]) {
      wrong[0].input.focus();
      return;
    }
    button.disabled = true;
    submit(Object.fromEntries(controls.map(({ field, input }) => [field.name, input.value.trim()])));
  });
  return element;
}

function control(field: FormField, id: string): Control {
  const common = { id, name: field.name, maxlength: MAX_VALUE, "aria-required": String(field.required === true) };
  const described = { ...common, "aria-describedby": `${id}-error`, "data-testid": "form-field" };
  const input =
    field.type === "textarea"
      ? h("textarea", { ...described, rows: 3 })
      : h("input", { ...described, type: field.type === "email" ? "email" : "text", autocomplete: field.type === "email" ? "email" : "off" });
  input.value = field.value ?? "";
  const one = { field, input, error: h("p", { id: `${id}-error`, class: "field-error" }) };
  input.addEventListener("input", () => {
    if (one.error.textContent) check(one);
  });
  return one;
}

function wrapped({ field, input, error }: Control): HTMLElement {
  const star = field.required ? h("span", { class: "required", "aria-hidden": "true" }, " *") : null;
  return h("div", { class: "field" }, h("label", { for: input.id }, field.label, star), input, error);
}

function check({ field, input, error }: Control): boolean {
  const value = input.value.trim();
  const missing = field.required === true && value === "";
  const misspelt = field.type === "email" && value !== "" && !EMAIL.test(value);
  say(error, missing ? t("form_required") : misspelt ? t("form_email") : "");
  set(input, "aria-invalid", missing || misspelt ? "true" : null);
  return !missing && !misspelt;
}

function answered(fields: FormField[], values: Values | null): HTMLElement {
  const list = h("dl", { class: "answers", "data-testid": "form-answers" });
  for (const field of fields) {
    const value = values?.[field.name];
    list.append(h("dt", {}, field.label), h("dd", {}, typeof value === "string" && value ? value : "–"));
  }
  if (values) list.append(h("dd", { class: "answers-sent" }, icon("check"), t("form_sent")));
  return list;
}
