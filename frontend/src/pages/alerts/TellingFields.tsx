/** A rule's draft in; fields for who is told, how urgently, how often and when not, out. */
import { Checkbox, Group, MultiSelect, Select, Switch, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { DAYS, type Draft } from "./draft.ts";
import { channelList } from "./questions.ts";
import type { FieldsProps } from "./RuleForm.tsx";

export function TellingFields({ of, put, error }: FieldsProps) {
  const channels = useQuery(channelList());
  const known = channels.data?.data ?? [];
  const length = (field: "every" | "cooldown" | "remind", label: string, placeholder = "") => (
    <TextInput
      label={label}
      placeholder={placeholder}
      value={of[field]}
      error={error(field)}
      onChange={(e) => put({ [field]: e.currentTarget.value })}
    />
  );
  return (
    <>
      <div className="form-row">
        <Select
          label="Severity"
          allowDeselect={false}
          data={["info", "warning", "critical"]}
          value={of.severity}
          onChange={(severity) => put({ severity: (severity ?? "warning") as Draft["severity"] })}
        />
        <MultiSelect
          label="Channels"
          placeholder={of.channels.length ? "" : "all of them"}
          data={[
            ...known.map((one) => ({ value: one.id, label: one.name })),
            ...of.channels.filter((one) => !known.some(({ id }) => id === one)),
          ]}
          value={of.channels}
          onChange={(chosen) => put({ channels: chosen })}
        />
      </div>
      <div className="form-row">
        {length("every", "Looked at every")}
        {length("cooldown", "Cooldown")}
        {length("remind", "Reminds after", "never")}
      </div>
      <Switch
        label="Quiet hours: only what is critical is told"
        checked={of.quiet}
        onChange={(e) => put({ quiet: e.currentTarget.checked })}
      />
      {of.quiet && <QuietHours of={of} put={put} error={error} />}
      <Switch label="On" checked={of.enabled} onChange={(e) => put({ enabled: e.currentTarget.checked })} />
      <Switch
        label="Observe only: incidents are kept and nobody is told"
        checked={of.observeOnly}
        onChange={(e) => put({ observeOnly: e.currentTarget.checked })}
      />
    </>
  );
}

function QuietHours({ of, put, error }: FieldsProps) {
  return (
    <>
      <div className="form-row">
        <TextInput
          label="From"
          type="time"
          value={of.quietFrom}
          onChange={(e) => put({ quietFrom: e.currentTarget.value })}
        />
        <TextInput
          label="To"
          type="time"
          value={of.quietTo}
          error={error("quietTo")}
          onChange={(e) => put({ quietTo: e.currentTarget.value })}
        />
        <Select
          label="Time zone"
          searchable
          allowDeselect={false}
          value={of.quietZone}
          data={[...new Set([of.quietZone, "UTC", ...Intl.supportedValuesOf("timeZone")])]}
          onChange={(zone) => put({ quietZone: zone ?? "UTC" })}
        />
      </div>
      <Checkbox.Group
        label="They begin on"
        value={of.quietDays}
        error={error("quietDays")}
        onChange={(days) => put({ quietDays: DAYS.filter((day) => days.includes(day)) })}
      >
        <Group gap={12} mt={4}>
          {DAYS.map((day) => (
            <Checkbox key={day} value={day} label={day} />
          ))}
        </Group>
      </Checkbox.Group>
    </>
  );
}
