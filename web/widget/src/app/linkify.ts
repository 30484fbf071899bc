// Finds the web addresses in a text; anything that is not plainly http or https stays text.

export type Piece = { text: string; href?: undefined } | { text: string; href: string };

const ADDRESS = /https?:\/\/[^\s<>"'`，。；！？、（）《》【】「」“”]+/giu;
const TRAILING = /[.,:;!?*_~]+$/u;

export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0]);
    if (safeHref(address) === null) continue;
    if (match.index > at) found.push({ text: text.slice(at, match.index) });
    found.push({ text: address, href: address });
    at = match.index + address.length;
  }
  if (at < text.length || found.length === 0) found.push({ text: text.slice(at) });
  return found;
}

/** Punctuation that ends the sentence, and a bracket that was opened before the address, are not part of it. */
function trimmed(address: string): string {
  const bare = address.replace(TRAILING, "");
  const surplus = (open: string, close: string) =>
    bare.endsWith(close) && bare.split(close).length > bare.split(open).length;
  return surplus("(", ")") || surplus("[", "]") ? trimmed(bare.slice(0, -1)) : bare;
}

/** The absolute address of a link we are willing to make, or null. */
export function safeHref(address: string | undefined | null, base?: string): string | null {
  if (!address) return null;
  try {
    const url = new URL(address, base);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}
