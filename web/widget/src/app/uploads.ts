// Files on their way up: they live in memory only, and become an outbox parcel once the server has them.
import { Problem } from "./api";
import type { Attachment } from "./types";

export const MAX_FILE_BYTES = 10 * 1024 * 1024;

export interface Upload {
  key: string;
  name: string;
  mime: string;
  size: number;
  state: "sending" | "failed";
  /** Why it failed: `too-large`, `unreachable`, or the server's own words. */
  reason?: string;
}

interface Options {
  post: (form: FormData) => Promise<unknown>;
  done: (attachment: Attachment) => void;
  changed: () => void;
  newId: () => string;
}

export class Uploads {
  list: Upload[] = [];
  private readonly files = new Map<string, File>();

  constructor(private readonly options: Options) {}

  add(file: File): void {
    const key = this.options.newId();
    const upload: Upload = { key, name: file.name, mime: file.type, size: file.size, state: "sending" };
    this.list = [...this.list, upload];
    this.files.set(key, file);
    if (file.size > MAX_FILE_BYTES) this.failed(key, "too-large");
    else void this.send(key);
    this.options.changed();
  }

  retry(key: string): void {
    this.replace(key, { state: "sending" });
    void this.send(key);
  }

  remove(key: string): void {
    this.list = this.list.filter((upload) => upload.key !== key);
    this.files.delete(key);
    this.options.changed();
  }

  clear(): void {
    this.list = [];
    this.files.clear();
  }

  private async send(key: string): Promise<void> {
    const file = this.files.get(key);
    if (!file) return;
    const form = new FormData();
    form.append("client_id", key);
    form.append("file", file, file.name);
    try {
      const attachment = (await this.options.post(form)) as Attachment;
      if (!this.files.has(key)) return;
      this.remove(key);
      this.options.done(attachment);
    } catch (error) {
      const tooLarge = error instanceof Problem && error.status === 413;
      const words = error instanceof Problem ? error.detail : "unreachable";
      this.failed(key, tooLarge ? "too-large" : words || "unreachable");
    }
  }

  private failed(key: string, reason: string): void {
    this.replace(key, { state: "failed", reason });
  }

  private replace(key: string, change: Pick<Upload, "state" | "reason">): void {
    this.list = this.list.map((upload) => (upload.key === key ? { ...upload, ...change } : upload));
    this.options.changed();
  }
}
