// Times and sizes in the reader's own words, by Intl.
import { formatTag, t } from "./i18n";

const DAY_MS = 86_400_000;

export function clock(iso: string): string {
  return format(iso, { hour: "2-digit", minute: "2-digit" });
}

export function full(iso: string): string {
  return format(iso, { dateStyle: "full", timeStyle: "short" });
}

/** "Today", "Yesterday", the weekday within a week, else the date. */
export function day(iso: string, now: Date = new Date()): string {
  const days = Math.round((midnight(now) - midnight(new Date(iso))) / DAY_MS);
  if (days === 0) return t("today");
  if (days === 1) return t("yesterday");
  if (days > 1 && days < 7) return format(iso, { weekday: "long" });
  return format(iso, { day: "numeric", month: "long", year: "numeric" });
}

/** A moment that is still to come: the hour today, with the weekday later. */
export function upcoming(iso: string, now: Date = new Date()): string {
  const today = midnight(now) === midnight(new Date(iso));
  return format(iso, today ? { hour: "2-digit", minute: "2-digit" } : { weekday: "long", hour: "2-digit", minute: "2-digit" });
}

export function moment(iso: string): string {
  return `${day(iso)}, ${clock(iso)}`;
}

export const sameDay = (a: string, b: string): boolean => midnight(new Date(a)) === midnight(new Date(b));

export function size(bytes: number): string {
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1000, "kilobyte"] : [bytes / 1_000_000, "megabyte"];
  return new Intl.NumberFormat(formatTag(), {
    ...{ style: "unit", unit, unitDisplay: "short" },
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value);
}

function format(iso: string, options: Intl.DateTimeFormatOptions): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? "" : new Intl.DateTimeFormat(formatTag(), options).format(date);
}

function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
