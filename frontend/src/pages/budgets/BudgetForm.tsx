/** A budget, or nothing, in; one changed or made, with what the last periods cost beside the limit, out. */
import { Button, Group, Modal, Select, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "../../api/client.ts";
import { Failure } from "../../ui/Panel.tsx";
import { Actuals } from "./Actuals.tsx";
import { FilterRows } from "./FilterRows.tsx";
import { type Period, PERIODS } from "./periods.ts";
import { type Budget, PATH } from "./questions.ts";
import { filtersOf, type Row, rowsOf } from "./rows.ts";

const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

function percents(ratios: readonly number[]): string {
  return ratios.map((ratio) => Number((ratio * 100).toFixed(2))).join(", ");
}

/** Percents as shares: 80 is 0.8. */
function ratios(text: string): number[] | null {
  const found = text
    .split(/[,\s]+/)
    .filter(Boolean)
    .map(Number);
  return found.every((one) => one > 0) ? found.map((one) => Number((one / 100).toFixed(4))) : null;
}

export function BudgetForm({ of, close }: { of?: Budget; close: () => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState(of?.name ?? "");
  const [limit, setLimit] = useState(of?.limit_usd ?? "");
  const [period, setPeriod] = useState<Period>(of?.period ?? "month");
  const [window, setWindow] = useState(of?.window ?? "30d");
  const [zone, setZone] = useState(of?.timezone ?? here);
  const [rows, setRows] = useState<Row[]>(rowsOf(of?.filters ?? {}));
  const [thresholds, setThresholds] = useState(percents(of?.thresholds ?? [0.5, 0.8, 1]));
  const [warning, setWarning] = useState(percents([of?.warning_ratio ?? 0.8]));
  const [action, setAction] = useState<Budget["enforcement"]>(of?.enforcement ?? "none");
  const [starts, setStarts] = useState(of?.starts_at?.slice(0, 16) ?? "");
  const [ends, setEnds] = useState(of?.ends_at?.slice(0, 16) ?? "");
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const wrongLimit = limit !== "" && !/^\d{1,12}(\.\d{1,12})?$/.test(limit);
  const shares = ratios(thresholds);
  const warns = ratios(warning)?.[0];
  const filters = filtersOf(rows);

  const save = async () => {
    setBusy(true);
    const wanted = {
      name,
      limit_usd: limit,
      period,
      timezone: zone,
      filters,
      thresholds: shares,
      warning_ratio: warns,
      enforcement: action,
      window: period === "rolling" ? window : null,
      // A moment kept in UTC goes back as one; the server reads others in the budget's time zone.
      starts_at: period === "once" && starts ? (of ? `${starts}Z` : starts) : null,
      ends_at: period === "once" && ends ? (of ? `${ends}Z` : ends) : null,
    };
    try {
      await (of ? send("PATCH", `${PATH}/${of.id}`, {}, wanted) : send("POST", PATH, {}, wanted));
      // What is asked again need not be there for the form to go.
      void queries.invalidateQueries();
      close();
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
      title={of ? `Change ${of.name}` : "New budget"}
      size="lg"
    >
      <form
        style={{ display: "grid", gap: 12 }}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextInput label="Name" required data-autofocus value={name} onChange={(e) => setName(e.currentTarget.value)} />
        <div className="form-row">
          <TextInput
            label="Limit, US dollars"
            required
            inputMode="decimal"
            value={limit}
            error={wrongLimit && "Digits and a point: 250.00"}
            onChange={(e) => setLimit(e.currentTarget.value)}
          />
          <Select
            label="Period"
            allowDeselect={false}
            data={PERIODS.map(([value, label]) => ({ value, label }))}
            value={period}
            onChange={(value) => setPeriod((value ?? "month") as Period)}
          />
          {period === "rolling" && (
            <TextInput label="Length" value={window} onChange={(e) => setWindow(e.currentTarget.value)} />
          )}
          <Select
            label="Time zone"
            searchable
            allowDeselect={false}
            value={zone}
            data={[...new Set([zone, here, "UTC", ...Intl.supportedValuesOf("timeZone")])]}
            onChange={(value) => setZone(value ?? "UTC")}
          />
        </div>
        {period === "once" && (
          <div className="form-row">
            <TextInput
              label={of ? "Begins, UTC" : "Begins"}
              type="datetime-local"
              value={starts}
              onChange={(e) => setStarts(e.currentTarget.value)}
            />
            <TextInput
              label={of ? "Ends, UTC" : "Ends"}
              type="datetime-local"
              value={ends}
              onChange={(e) => setEnds(e.currentTarget.value)}
            />
          </div>
        )}
        <FilterRows rows={rows} change={setRows} />
        <Actuals
          period={period}
          window={window}
          timezone={zone}
          filters={filters}
          limit={wrongLimit ? "" : limit}
          warning={warns ?? 0.8}
        />
        <div className="form-row">
          <TextInput
            label="Thresholds, %"
            value={thresholds}
            error={!shares && "Numbers with commas between"}
            onChange={(e) => setThresholds(e.currentTarget.value)}
          />
          <TextInput
            label="Warns from, %"
            value={warning}
            error={!warns && "A number"}
            onChange={(e) => setWarning(e.currentTarget.value)}
          />
          <Select
            label="When it is used up"
            allowDeselect={false}
            data={[
              { value: "none", label: "Only show it" },
              { value: "warn", label: "Warn" },
              { value: "block", label: "Block at the gateway" },
            ]}
            value={action}
            onChange={(value) => setAction((value ?? "none") as Budget["enforcement"])}
          />
        </div>
        {error && <Failure error={error} />}
        <Group justify="end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={!name || !limit || wrongLimit || !shares || !warns}>
            {of ? "Save" : "Make the budget"}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
