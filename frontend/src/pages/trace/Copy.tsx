/** A text in; a button that shows it, or its beginning, and copies it, out. */
import { useState } from "react";
import { shortId } from "../../format.ts";

export function Copy({ text, short = false, label }: { text: string; short?: boolean; label?: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <button
      type="button"
      className="copy mono"
      title={`${text}: click copies`}
      onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
      onBlur={() => setCopied(false)}
    >
      {copied ? "copied" : (label ?? (short ? shortId(text) : text))}
      <span className="sr-only">{copied ? "" : ", copy"}</span>
    </button>
  );
}
