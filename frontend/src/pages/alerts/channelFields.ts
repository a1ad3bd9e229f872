/** A kind of channel in; the settings it has, and from what was entered those that are sent, out. Secrets are only ever written. */
import type { Channel } from "./questions.ts";

type Kind = Channel["kind"];

export const KIND_NAMES: Record<Kind, string> = {
  slack: "Slack",
  discord: "Discord",
  teams: "Microsoft Teams",
  pagerduty: "PagerDuty",
  webhook: "Webhook",
  email: "E-mail",
};

export interface Field {
  name: string;
  label: string;
  about?: string;
  placeholder?: string;
  secret?: boolean;
  required?: boolean;
  choices?: readonly string[];
  /** How what is typed is sent. */
  as?: "number" | "list" | "pairs" | "json";
}

const url = (label: string, placeholder: string): Field => ({
  name: "url",
  label,
  placeholder,
  secret: true,
  required: true,
});

export const FIELDS: Record<Kind, readonly Field[]> = {
  slack: [url("Webhook URL", "https://hooks.slack.com/services/…")],
  discord: [url("Webhook URL", "https://discord.com/api/webhooks/…")],
  teams: [url("Workflow URL", "https://….logic.azure.com/workflows/…")],
  pagerduty: [
    { name: "routing_key", label: "Integration key, Events API v2", secret: true, required: true },
    { name: "region", label: "Region", choices: ["us", "eu"] },
  ],
  webhook: [
    url("URL", "https://example.com/farthing"),
    {
      name: "signing_secret",
      label: "Signing secret",
      about: "Left empty, one is made and shown once; none: requests are not signed",
      secret: true,
    },
    { name: "headers", label: "Headers", about: "One per line: Authorization=Bearer …", secret: true, as: "pairs" },
    { name: "body", label: "Body", about: "JSON with {{ placeholders }}; left empty, the usual one", as: "json" },
  ],
  email: [
    { name: "host", label: "Mail server", placeholder: "smtp.example.com", required: true },
    { name: "port", label: "Port", placeholder: "587", as: "number" },
    { name: "security", label: "Security", choices: ["starttls", "tls", "plain"] },
    { name: "username", label: "User name" },
    { name: "password", label: "Password", secret: true },
    { name: "sender", label: "From", placeholder: "farthing@example.com", required: true },
    { name: "recipients", label: "To", about: "With commas between", required: true, as: "list" },
  ],
};

/** Where it goes, as far as that may be seen. */
export function target(of: Channel): string {
  const told = of.settings.recipients as string[] | undefined;
  return told?.join(", ") ?? of.secrets.url ?? of.secrets.routing_key ?? "—";
}

/** What stands in a form's field at first; secrets never do. */
export function entered(of: Channel | undefined, field: Field): string {
  const value: unknown = field.secret ? undefined : of?.settings[field.name];
  if (value === undefined || value === null) return field.choices?.[0] ?? "";
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
}

/** As the API takes it; undefined: nothing is to be sent. Throws where it can't be read. */
function read(field: Field, text: string): unknown {
  switch (field.as) {
    case "number":
      if (!/^\d{1,5}$/.test(text)) throw new Error("A whole number");
      return Number(text);
    case "list":
      return text
        .split(/[,\s]+/)
        .map((one) => one.trim())
        .filter(Boolean);
    case "pairs":
      return Object.fromEntries(
        text
          .split("\n")
          .filter((line) => line.trim())
          .map((line) => {
            const at = line.indexOf("=");
            if (at < 1) throw new Error("name=value, one per line");
            return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
          }),
      );
    case "json":
      try {
        return JSON.parse(text) as unknown;
      } catch {
        throw new Error("JSON");
      }
    default:
      return text;
  }
}

export interface Settings {
  settings: Record<string, unknown>;
  errors: Record<string, string>;
}

/** What is left empty stays as it was; of a new channel it isn't sent. */
export function settings(kind: Kind, typed: Readonly<Record<string, string>>, of: Channel | undefined): Settings {
  const found: Settings = { settings: {}, errors: {} };
  for (const field of FIELDS[kind]) {
    const text = (typed[field.name] ?? "").trim();
    const has = of !== undefined && (field.secret ? field.name in of.secrets : entered(of, field) !== "");
    if (!text) {
      if (field.required && !(has && field.secret)) found.errors[field.name] = "It can't do without";
      else if (has && !field.secret) found.settings[field.name] = null;
      continue;
    }
    try {
      found.settings[field.name] = read(field, text);
    } catch (error) {
      found.errors[field.name] = (error as Error).message;
    }
  }
  return found;
}
