/** When a channel gets the sum of things, or never, in; fields to change that, out. */
import { Select, TextInput } from "@mantine/core";
import type { Schemas } from "../../api/client.ts";
import { DAYS } from "./draft.ts";

type Digest = Schemas["DigestWanted"];

export interface DigestDraft extends Omit<Required<Digest>, "every"> {
  every: "" | "day" | "week";
}

export function digestOf(kept: Digest | null): DigestDraft {
  const timezone = kept?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { every: kept?.every ?? "", at: kept?.at ?? "08:00", timezone, weekday: kept?.weekday ?? "mon" };
}

export function digestWanted(of: DigestDraft): Digest | null {
  return of.every ? { ...of, every: of.every } : null;
}

export function DigestFields({ of, change }: { of: DigestDraft; change: (next: DigestDraft) => void }) {
  return (
    <div className="form-row">
      <Select
        label="Digest"
        allowDeselect={false}
        data={[
          { value: "", label: "never" },
          { value: "day", label: "every day" },
          { value: "week", label: "every week" },
        ]}
        value={of.every}
        onChange={(every) => change({ ...of, every: (every ?? "") as DigestDraft["every"] })}
      />
      {of.every === "week" && (
        <Select
          label="On"
          allowDeselect={false}
          data={DAYS}
          value={of.weekday}
          onChange={(day) => change({ ...of, weekday: (day ?? "mon") as DigestDraft["weekday"] })}
        />
      )}
      {of.every && (
        <>
          <TextInput
            label="At"
            type="time"
            value={of.at}
            onChange={(e) => change({ ...of, at: e.currentTarget.value })}
          />
          <Select
            label="Time zone"
            searchable
            allowDeselect={false}
            value={of.timezone}
            data={[...new Set([of.timezone, "UTC", ...Intl.supportedValuesOf("timeZone")])]}
            onChange={(timezone) => change({ ...of, timezone: timezone ?? "UTC" })}
          />
        </>
      )}
    </div>
  );
}
