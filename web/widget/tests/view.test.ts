// @vitest-environment happy-dom
// How messages become elements: every text stays text, links are safe, buttons and forms say what they do.
import { describe, expect, it } from "vitest";
import type { MessageRow } from "../src/app/thread";
import type { Attachment, Button, Message, Values } from "../src/app/types";
import { messageElement, refresh, type MessageActions } from "../src/app/view/message";
import { message } from "./support";

function shown(one: Message, more: Partial<MessageRow> = {}) {
  const done: { clicked: Button[]; submitted: Values[]; discarded: string[]; opened: Attachment[] } = {
    ...{ clicked: [], submitted: [], discarded: [], opened: [] },
  };
  const actions: MessageActions = {
    click: (_, button) => done.clicked.push(button),
    submit: (_, values) => done.submitted.push(values),
    discard: (id) => done.discarded.push(id),
    openFile: (file) => done.opened.push(file),
    openTickets: () => undefined,
  };
  const row: MessageRow = {
    ...{ type: "message", key: "k", message: one, pending: false, delivery: "received", detail: "", live: true },
    ...{ chosen: null, values: null, recalled: false, first: true, last: true },
    ...more,
  };
  const element = messageElement(row, actions);
  refresh(element, row, actions);
  document.body.replaceChildren(element);
  return { element, ...done };
}

const EVIL = '<img src=x onerror="alert(1)"><script>alert(2)</script> https://ok.example/"><b>x</b> javascript:alert(3)';

describe("a message", () => {
  it("carries the hooks that tests hold on to", () => {
    const { element } = shown(message(7, { kind: "article", author: { type: "bot", name: null } }));
    expect(Object.fromEntries(Object.entries(element.dataset))).toMatchObject({ testid: "message", seq: "7", author: "bot", kind: "article", state: "received" });
  });

  it.each(["text", "buttons", "article", "form", "notice", "ticket", "file", "survey", "tombstone", "brand_new"])(
    "of kind %s never becomes markup",
    (kind) => {
      const source = { article_id: "a", version: 1, locale: "en", passage: EVIL, title: EVIL, url: "javascript:alert(1)" };
      const payload = {
        ...{ buttons: [{ label: EVIL, value: EVIL }], sources: [source], ticket: { number: EVIL }, notice: EVIL },
        form: { fields: [{ name: EVIL, type: EVIL, label: EVIL, required: true }] },
      };
      const attachments = [{ id: "f", name: EVIL, mime: "image/png", size: 1, url: "javascript:alert(1)" }];
      for (const type of ["customer", "bot", "agent", "system"] as const) {
        const { element } = shown(message(1, { kind, text: EVIL, author: { type, name: EVIL }, payload, attachments }));
        expect(element.querySelectorAll("img, script, b, iframe, [onerror]")).toHaveLength(0);
        for (const link of element.querySelectorAll("a")) {
          expect(link.href).toMatch(/^https?:/);
          expect(link.rel).toBe("noopener noreferrer");
          expect(link.target).toBe("_blank");
        }
      }
    },
  );

  it("of a kind we do not know shows its text", () => {
    expect(shown(message(1, { kind: "hologram", text: "plain words" })).element.textContent).toContain("plain words");
  });

  it("shows that it was withdrawn, and nothing else of it", () => {
    const { element } = shown(message(1, { text: "secret" }), { recalled: true });
    expect(element.textContent).not.toContain("secret");
    expect(element.dataset["kind"]).toBe("tombstone");
  });

  it("says why it was not sent, and can be removed", () => {
    const own = message(0, { author: { type: "customer", name: null }, client_id: "c-1", text: "x" });
    const { element, discarded } = shown(own, { delivery: "failed", detail: "Too long.", pending: true });
    expect(element.querySelector('[role="alert"]')?.textContent).toContain("Too long.");
    element.querySelector<HTMLElement>('[data-testid="remove"]')?.click();
    expect(discarded).toEqual(["c-1"]);
    expect(element.dataset["seq"]).toBeUndefined();
  });
});

describe("buttons", () => {
  const asked = message(1, { payload: { buttons: [{ label: "Yes", value: "affirm" }, { label: "No", value: "deny" }] } });
  const buttons = (element: HTMLElement) => [...element.querySelectorAll<HTMLButtonElement>('[data-testid="choice"]')];

  it("send their value once", () => {
    const { element, clicked } = shown(asked);
    buttons(element)[1]?.click();
    buttons(element)[0]?.click();
    expect(clicked).toEqual([{ label: "No", value: "deny" }]);
  });

  it("are dead on older messages and show what was chosen", () => {
    const { element } = shown(asked, { live: false, chosen: "affirm" });
    expect(buttons(element).map((one) => [one.disabled, one.getAttribute("aria-pressed")])).toEqual([[true, "true"], [true, "false"]]);
  });
});

describe("a form", () => {
  const fields = [
    { name: "what", type: "textarea", label: "What happened?", required: true },
    { name: "order", type: "text", label: "Order", required: false },
    { name: "email", type: "email", label: "E-mail", required: true },
  ];
  const asked = message(1, { kind: "form", payload: { form: { fields } } });
  const fill = (element: HTMLElement, name: string, value: string) => {
    const input = element.querySelector<HTMLInputElement>(`[name="${name}"]`);
    if (input) input.value = value;
  };
  const send = (element: HTMLElement) => element.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));

  it("labels its fields, and says what is missing or misspelt before it is sent", () => {
    const { element, submitted } = shown(asked);
    for (const label of element.querySelectorAll("label")) expect(element.querySelector(`[id="${label.htmlFor}"]`)).not.toBeNull();
    fill(element, "email", "mia at example");
    send(element);
    const errors = [...element.querySelectorAll(".field-error")].map((one) => one.textContent);
    expect(errors).toEqual(["Please fill this in.", "", "Please check this e-mail address."]);
    expect(element.querySelectorAll('[aria-invalid="true"]')).toHaveLength(2);
    expect(submitted).toEqual([]);
  });

  it("sends an object of its fields", () => {
    const { element, submitted } = shown(asked);
    fill(element, "what", " The lid cracked. ");
    fill(element, "email", "mia@example.org");
    send(element);
    expect(submitted).toEqual([{ what: "The lid cracked.", order: "", email: "mia@example.org" }]);
  });

  it("shows what is known already", () => {
    const known = fields.map((field) => (field.name === "what" ? { ...field, value: "The lid <b>cracked</b>." } : field));
    const { element, submitted } = shown(message(1, { kind: "form", payload: { form: { fields: known } } }));
    fill(element, "email", "mia@example.org");
    send(element);
    expect(submitted).toEqual([{ what: "The lid <b>cracked</b>.", order: "", email: "mia@example.org" }]);
  });

  it("is read-only once answered", () => {
    const { element } = shown(asked, { live: false, values: { what: "The lid", email: "mia@example.org" } });
    expect(element.querySelectorAll("input, textarea, form")).toHaveLength(0);
    expect(element.textContent).toContain("The lid");
  });
});
