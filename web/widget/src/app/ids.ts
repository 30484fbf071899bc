// Random ids for everything that is created: `randomUUID` where the page is secure, the same by hand elsewhere.

export function newId(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
  hex[6] = `4${hex[6]?.charAt(1) ?? "0"}`;
  hex[8] = `a${hex[8]?.charAt(1) ?? "0"}`;
  return [hex.slice(0, 4), hex.slice(4, 6), hex.slice(6, 8), hex.slice(8, 10), hex.slice(10)]
    .map((part) => part.join(""))
    .join("-");
}
