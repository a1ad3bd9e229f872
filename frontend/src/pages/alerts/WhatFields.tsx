/** A rule's draft in; fields for what is looked for, in which calls, and what is too much, out. */
import { MultiSelect, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { tagKeys } from "../../api/questions.ts";
import { FilterRows } from "../budgets/FilterRows.tsx";
import { COMPARES, type Draft, GROUPED, LIMITS, MEASURED, WINDOWS } from "./draft.ts";
import type { FieldsProps } from "./RuleForm.tsx";
import { KINDS, MEASURES } from "./words.ts";

const KIND_OPTIONS = Object.entries(KINDS).map(([value, label]) => ({ value, label }));
const DIMENSIONS = [
  "feature",
  "model",
  "provider",
  "environment",
  "user",
  "team",
  "tenant",
  "config",
  "variant",
  "prompt_version",
];

export function WhatFields({ of, put, error }: FieldsProps) {
  const tags = useQuery(tagKeys({ from: "now-30d" }));
  const measures = MEASURED[of.kind];
  const groups = [...DIMENSIONS, ...(tags.data?.data ?? []).map((one) => `tag.${one.key}`)];
  return (
    <>
      <div className="form-row">
        <TextInput
          label="Name"
          required
          value={of.name}
          error={error("name")}
          onChange={(e) => put({ name: e.currentTarget.value })}
        />
        <Select
          label="Looks for"
          allowDeselect={false}
          data={KIND_OPTIONS}
          value={of.kind}
          onChange={(kind) => put({ kind: (kind ?? "threshold") as Draft["kind"] })}
        />
        {measures && (
          <Select
            label="Measure"
            allowDeselect={false}
            data={measures.map((value) => ({ value, label: MEASURES[value] }))}
            value={measures.includes(of.measure) ? of.measure : (measures[0] ?? null)}
            onChange={(measure) => put({ measure: (measure ?? "cost") as Draft["measure"] })}
          />
        )}
      </div>
      <FilterRows rows={of.rows} change={(rows) => put({ rows })} />
      <div className="form-row">
        {GROUPED.includes(of.kind) && (
          <MultiSelect
            label="Each"
            description="Every value has incidents of its own"
            placeholder={of.by.length ? "" : "all together"}
            data={[...new Set([...groups, ...of.by])]}
            maxValues={2}
            value={of.by}
            error={error("by")}
            onChange={(by) => put({ by })}
          />
        )}
        <TextInput
          label={WINDOWS[of.kind]}
          description="30s, 90m, 24h, 14d or 4w"
          value={of.window}
          error={error("window")}
          onChange={(e) => put({ window: e.currentTarget.value })}
        />
      </div>
      <Limits of={of} put={put} error={error} />
    </>
  );
}

function Limits({ of, put, error }: FieldsProps) {
  const text = (field: "limit" | "criticalLimit" | "sensitivity" | "leastUsd" | "leastCalls", label: string) => (
    <TextInput
      key={field}
      label={label}
      inputMode="decimal"
      value={of[field]}
      error={error(field)}
      onChange={(e) => put({ [field]: e.currentTarget.value })}
    />
  );
  const limit = LIMITS[of.kind];
  return (
    <>
      {of.kind === "drift" && (
        <p className="notice">
          Drift is how far the provider’s bill is from what was reckoned here. Bills can’t be entered yet, so it can’t
          be judged: the rule says so, and never fires.
        </p>
      )}
      <div className="form-row">
        {of.kind === "threshold" && (
          <Select
            label="Too much is"
            allowDeselect={false}
            data={["above", "below"]}
            value={of.direction}
            onChange={(direction) => put({ direction: direction === "below" ? "below" : "above" })}
          />
        )}
        {limit && text("limit", limit)}
        {limit && text("criticalLimit", "Critical from")}
        {of.kind === "anomaly" && text("sensitivity", "Times the usual")}
      </div>
      {COMPARES.includes(of.kind) && (
        <div className="form-row">
          <Select
            label="Compared with"
            allowDeselect={false}
            data={[
              { value: "", label: "nothing: the limit counts" },
              { value: "past", label: "the time right before" },
              { value: "ago", label: "the same window earlier" },
            ]}
            value={of.compared}
            onChange={(compared) => put({ compared: (compared ?? "") as Draft["compared"] })}
          />
          {of.compared && (
            <>
              <TextInput
                label={of.compared === "past" ? "So long before" : "So long ago"}
                value={of.comparedWith}
                error={error("comparedWith")}
                onChange={(e) => put({ comparedWith: e.currentTarget.value })}
              />
              <TextInput
                label="Times as much"
                inputMode="decimal"
                value={of.ratio}
                error={error("ratio")}
                onChange={(e) => put({ ratio: e.currentTarget.value })}
              />
            </>
          )}
        </div>
      )}
      <div className="form-row">
        {text("leastUsd", "Nothing below, US dollars")}
        {text("leastCalls", "Nothing below, calls")}
      </div>
    </>
  );
}
