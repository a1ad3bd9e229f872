/** What is known of a price of one's own in; the price, live at once and on record, out. */
import { Button, Group, Modal, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "../../api/client.ts";
import { Failure } from "../../ui/Panel.tsx";
import { type Job, type Override, PATH } from "./questions.ts";
import { Tried } from "./Tried.tsx";

type Kind = Override["kind"];

export interface Wanted {
  kind: Kind;
  /** The override that is replaced. */
  id?: string;
  provider?: string;
  model?: string;
  of_provider?: string;
  of_model?: string;
  discount_percent?: string;
  rates?: Record<string, string | null>;
  valid_from?: string;
  valid_until?: string;
  source?: string;
  note?: string;
  level?: "organisation" | "project";
}

const KINDS: { value: Kind; label: string }[] = [
  { value: "rates", label: "Rates" },
  { value: "discount", label: "Discount" },
  { value: "alias", label: "Name for a model" },
  { value: "capacity", label: "Paid by time" },
];

const RATES = [
  ["input", "Input"],
  ["output", "Output"],
  ["cache_read", "Cached input"],
  ["cache_write", "Cache write"],
  ["reasoning", "Reasoning"],
] as const;

/** How far back a price without a beginning is tried. */
const USUAL_FROM = "now-30d";
const AMOUNT = /^\d{1,13}(\.\d{1,24})?$/;

interface FormProps {
  of: Wanted;
  close: () => void;
  saved: (of: Wanted) => void;
}

export function OverrideForm({ of, close, saved }: FormProps) {
  const queries = useQueryClient();
  const [now, setNow] = useState<Wanted>(of);
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState<string | null>(null);
  // What was tried is no longer what the form says.
  const put = (change: Partial<Wanted>) => {
    setTried(null);
    setNow((before) => ({ ...before, ...change }));
  };
  const text = (name: Exclude<keyof Wanted, "rates" | "kind" | "level">, label: string, hint = "") => (
    <TextInput
      label={label}
      description={hint}
      value={now[name] ?? ""}
      onChange={(e) => put({ [name]: e.currentTarget.value })}
    />
  );
  const rates = Object.fromEntries(
    Object.entries(now.rates ?? {}).filter((pair): pair is [string, string] => Boolean(pair[1])),
  );
  const wrong = now.kind === "rates" && Object.values(rates).some((usd) => !AMOUNT.test(usd));
  const preview = async () => {
    setBusy(true);
    setError(null);
    try {
      const wanted = {
        from: now.valid_from || USUAL_FROM,
        dry_run: true,
        override: body(now, rates),
        replaces: now.id,
      };
      setTried((await send<Job>("POST", `${PATH}/reprice`, {}, wanted)).id);
    } catch (failed) {
      setError(failed as Error);
    }
    setBusy(false);
  };
  const save = async () => {
    setBusy(true);
    try {
      const path = `${PATH}/overrides`;
      await (now.id
        ? send("PUT", `${path}/${now.id}`, {}, body(now, rates))
        : send("POST", path, {}, body(now, rates)));
      // What is asked again need not be there for the form to go.
      void queries.invalidateQueries();
      saved(now);
    } catch (failed) {
      setError(failed as Error);
      setBusy(false);
    }
  };
  return (
    <Modal
      closeButtonProps={{ "aria-label": "Close" }}
      opened
      onClose={close}
      title={now.id ? "Change a price of your own" : "A price of your own"}
      size={tried ? "xl" : "lg"}
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <SegmentedControl
          aria-label="Kind"
          data={KINDS}
          value={now.kind}
          onChange={(kind) => put({ kind: kind as Kind })}
        />
        <div className="form-row">
          {text("provider", "Provider", now.kind === "discount" ? "Empty: every provider" : "As the calls tell it")}
          {text(
            "model",
            now.kind === "alias" ? "The name calls carry" : "Model",
            now.kind === "discount" || now.kind === "capacity" ? "Empty: all of its models" : "",
          )}
        </div>
        {now.kind === "rates" && (
          <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
            <legend style={{ fontSize: 13 }}>US dollars per 1M tokens. What is left empty keeps its list price.</legend>
            <div className="form-row">
              {RATES.map(([bucket, label]) => {
                const value = now.rates?.[bucket] ?? "";
                return (
                  <TextInput
                    key={bucket}
                    label={label}
                    inputMode="decimal"
                    value={value}
                    error={value && !AMOUNT.test(value) ? "Digits and a point" : undefined}
                    onChange={(e) => put({ rates: { ...now.rates, [bucket]: e.currentTarget.value } })}
                  />
                );
              })}
            </div>
          </fieldset>
        )}
        {now.kind === "discount" && text("discount_percent", "Off the list price, %")}
        {now.kind === "alias" && (
          <div className="form-row">
            {text("of_provider", "Priced as: provider")}
            {text("of_model", "Priced as: model")}
          </div>
        )}
        {now.kind === "capacity" && (
          <p className="muted" style={{ margin: 0 }}>
            Calls cost nothing of their own: what they run on is paid for by time.
          </p>
        )}
        <div className="form-row">
          {text("valid_from", "Holds from", "UTC, 2026-11-01. Empty: always has")}
          {text("valid_until", "Until", "Not included. Empty: for good")}
          <Select
            label="For"
            allowDeselect={false}
            description="Whose calls"
            data={[
              { value: "project", label: "This project" },
              { value: "organisation", label: "All projects" },
            ]}
            value={now.level ?? "project"}
            onChange={(level) => put({ level: (level ?? "project") as "project" })}
          />
        </div>
        <div className="form-row">
          {text("source", "Source", "A contract, an address and a date")}
          {text("note", "Note")}
        </div>
        <p className="muted" style={{ margin: 0 }}>
          Saved, it holds at once for calls that come in from now on. Calls already recorded keep their cost until you
          price the past again.
        </p>
        {tried && <Tried id={tried} />}
        {error && <Failure error={error} />}
        <Group justify="end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button variant="default" loading={busy} disabled={wrong} onClick={() => void preview()}>
            Preview on recorded calls
          </Button>
          <Button type="submit" loading={busy} disabled={wrong}>
            Save, and preview the past
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

function body(of: Wanted, rates: Record<string, string>) {
  return {
    kind: of.kind,
    provider: of.provider ?? "",
    model: of.model ?? "",
    scope: { level: of.level ?? "project" },
    rates: of.kind === "rates" ? Object.fromEntries(Object.entries(rates).map(([name, usd]) => [name, { usd }])) : {},
    discount_percent: of.kind === "discount" ? (of.discount_percent ?? "") : "",
    of_provider: of.kind === "alias" ? (of.of_provider ?? "") : "",
    of_model: of.kind === "alias" ? (of.of_model ?? "") : "",
    valid_from: moment(of.valid_from),
    valid_until: moment(of.valid_until),
    source: of.source ?? "",
    note: of.note ?? "",
  };
}

/** A day alone is its midnight in UTC. */
function moment(text: string | undefined): string | null {
  if (!text) return null;
  return /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
}
