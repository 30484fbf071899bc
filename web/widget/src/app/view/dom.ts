// Makes elements: attributes, listeners, children. Text only ever becomes text nodes.

type Value = string | number | boolean | null | undefined | ((event: Event) => void);
export type Child = Node | string | null | undefined | false;

/** `on…` keys are listeners; true sets an empty attribute; null, undefined and false set nothing. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, Value> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else set(element, name, value);
  }
  element.append(...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false));
  return element;
}

export function set(element: Element, name: string, value: string | number | boolean | null | undefined): void {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value === true ? "" : value)) {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Changes the text only where it differs, so that live regions are not read out again. */
export function say(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function show(element: HTMLElement, visible: boolean): void {
  element.hidden = !visible;
}

const SVG = "http://www.w3.org/2000/svg";

/** Line drawings on a 24 by 24 grid; always decoration beside a name. */
const ICONS = {
  attach: "M20 11.5 12.2 19a4.9 4.9 0 0 1-7-7L13 4.6a3.3 3.3 0 0 1 4.7 4.6L10 16.7a1.7 1.7 0 0 1-2.4-2.4L14.6 7.6",
  back: "M15 5l-7 7 7 7",
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  clock: "M12 7v5l3 2M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18z",
  down: "M12 5v14M6 13l6 6 6-6",
  file: "M14 3H7a1 1 0 0 0-1 1v16a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1V7zM14 3v4h4",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.5h.01",
  language: "M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18zM3.5 9h17M3.5 15h17M12 3c-5 5.5-5 12.5 0 18M12 3c5 5.5 5 12.5 0 18",
  leave: "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
  menu: "M12 6h.01M12 12h.01M12 18h.01",
  open: "M14 4h6v6M20 4l-9 9M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5",
  send: "M4.5 12 3 4l18 8-18 8z M4.5 12H13",
  spark: "M12 3c.800 5.2 3.8 8.2 9 9-5.2.800-8.2 3.8-9 9-.800-5.2-3.8-8.2-9-9 5.2-.800 8.2-3.8 9-9z",
  ticket: "M4 6h16v4a2 2 0 0 0 0 4v4H4v-4a2 2 0 0 0 0-4zM14 7v2M14 11v2M14 15v2",
  warn: "M12 8v5M12 16.5h.01M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18z",
} as const;

export type IconName = keyof typeof ICONS;

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" })) {
    svg.setAttribute(key, value);
  }
  svg.classList.add("icon", `icon-${name}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A link to another page, out of reach of this one. */
export function link(href: string, note: string, ...children: Child[]): HTMLAnchorElement {
  const hint = h("span", { class: "hidden-text" }, ` (${note})`);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children, hint);
}
