// Remembers small strings per inbox: in localStorage where the browser lets us, else in memory.

export interface Store {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  keys(prefix: string): string[];
}

/** Every key gets `prefix`; what `area` refuses (private mode, full, blocked) lives until the page goes. */
export function openStore(prefix: string, area: Storage | null): Store {
  const memory = new Map<string, string>();
  const stored = <T>(work: (area: Storage) => T, otherwise: T): T => {
    try {
      return area ? work(area) : otherwise;
    } catch {
      return otherwise;
    }
  };
  return {
    get: (key) => memory.get(prefix + key) ?? stored((a) => a.getItem(prefix + key), null),
    set(key, value) {
      const kept = stored((a) => {
        a.setItem(prefix + key, value);
        return true;
      }, false);
      if (kept) memory.delete(prefix + key);
      else memory.set(prefix + key, value);
    },
    remove(key) {
      memory.delete(prefix + key);
      stored((a) => a.removeItem(prefix + key), undefined);
    },
    keys(start) {
      const all = new Set(memory.keys());
      for (const key of stored((a) => Object.keys(a), [])) all.add(key);
      return [...all].filter((key) => key.startsWith(prefix + start)).map((key) => key.slice(prefix.length));
    },
  };
}

/** localStorage, or null where even touching it throws (third-party frames, strict privacy settings). */
export function browserArea(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
