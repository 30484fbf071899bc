// Opens a file: our own are fetched in the visitor's name (a token never goes into an address), others are links.
import type { Api } from "./api";
import { safeHref } from "./linkify";
import type { Session } from "./session";
import type { Attachment } from "./types";

const RELEASE_AFTER_MS = 60_000;

export async function download(session: Session, api: Api, file: Attachment): Promise<void> {
  const own = `/api/files/${encodeURIComponent(file.id)}`;
  const href = safeHref(file.url ?? own, window.location.href);
  if (!href) return;
  if (new URL(href).origin !== window.location.origin) {
    window.open(href, "_blank", "noopener,noreferrer");
    return;
  }
  const { token } = await session.ensure();
  const address = URL.createObjectURL(await api.blob(new URL(href).pathname, token));
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = file.name;
  anchor.click();
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, RELEASE_AFTER_MS);
}
