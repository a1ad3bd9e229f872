/** Any value in; what it holds as JSON within a text, and what a long run of base64 is in words, out. */

const BASE64 = /^(?:data:([\w.+-]+\/[\w.+-]+);base64,)?([A-Za-z0-9+/=\s]{256,})$/;

/** What a long run of base64 is, in words; null for text. Its letters help nobody. */
export function binary(text: string): string | null {
  const found = BASE64.exec(text);
  if (!found || !/[0-9+/]/.test(found[2] ?? "") || / \S/.test(text.trim())) return null;
  const bytes = Math.floor(((found[2] ?? "").replace(/\s|=/g, "").length * 3) / 4);
  return `${found[1] ?? "binary data"}, ${bytes.toLocaleString("en-US")} bytes`;
}

export function parsed(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
