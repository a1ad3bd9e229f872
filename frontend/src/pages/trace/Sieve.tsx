/** What is looked for inside the trace, ways to jump, and how it is drawn. */
import { Button, Group, NativeSelect, TextInput } from "@mantine/core";
import { count } from "../../format.ts";
import type { Jump } from "./keys.ts";
import { ANYTHING, type Wanted } from "./rows.ts";
import { ROLES } from "./tree.ts";

interface SieveProps {
  wanted: Wanted;
  setWanted: (wanted: Wanted) => void;
  hits: number | null;
  count: number;
  view: string;
  critical: boolean;
  show: (name: "view" | "critical", value: string | null) => void;
  foldAll: () => void;
  unfoldAll: () => void;
  jump: (where: Jump) => void;
}

const KINDS = [{ value: "", label: "any kind" }, ...ROLES.map((role) => ({ value: role, label: role }))];
const LEVELS = ["", "debug", "default", "warning", "error"].map((value) => ({ value, label: value || "any level" }));
const VIEWS = [
  { value: "both", label: "tree and timeline" },
  { value: "tree", label: "tree" },
  { value: "timeline", label: "timeline" },
];

export function Sieve(props: SieveProps) {
  const { wanted, setWanted, hits, view, critical, show, jump } = props;
  const set = (part: Partial<Wanted>) => setWanted({ ...wanted, ...part });
  return (
    <Group gap={6} mb={8} role="search" aria-label="Spans of this trace">
      <TextInput
        size="xs"
        w={170}
        aria-label="Name, model or span id"
        placeholder="Name, model, span id"
        value={wanted.text}
        onChange={(event) => set({ text: event.currentTarget.value })}
      />
      <NativeSelect
        size="xs"
        aria-label="Kind"
        data={KINDS}
        value={wanted.role}
        onChange={(event) => set({ role: event.currentTarget.value })}
      />
      <NativeSelect
        size="xs"
        aria-label="Level"
        data={LEVELS}
        value={wanted.level}
        onChange={(event) => set({ level: event.currentTarget.value })}
      />
      <TextInput
        size="xs"
        w={82}
        aria-label="At least so many milliseconds"
        placeholder="≥ ms"
        inputMode="numeric"
        value={wanted.minMs || ""}
        onChange={(event) => set({ minMs: Math.max(0, Number(event.currentTarget.value) || 0) })}
      />
      <TextInput
        size="xs"
        w={82}
        aria-label="Own cost of at least so many dollars"
        placeholder="≥ $ own"
        inputMode="decimal"
        value={wanted.minCost}
        onChange={(event) => set({ minCost: event.currentTarget.value.trim() })}
      />
      <span className="muted" aria-live="polite" data-hits={hits ?? ""}>
        {hits === null ? spans(props.count) : `${count(hits)} of ${spans(props.count)}`}
      </span>
      {hits !== null && (
        <Button size="compact-sm" variant="subtle" onClick={() => setWanted(ANYTHING)}>
          Clear
        </Button>
      )}
      <Group gap={6} ml="auto">
        <Button
          size="compact-sm"
          variant="default"
          title="Next error (e), previous (Shift E)"
          onClick={() => jump("error")}
        >
          Next error
        </Button>
        <Button size="compact-sm" variant="default" title="Dearest span (m)" onClick={() => jump("dearest")}>
          Dearest
        </Button>
        <Button
          size="compact-sm"
          variant={critical ? "light" : "default"}
          aria-pressed={critical}
          title="What kept the trace from ending earlier (p)"
          onClick={() => show("critical", critical ? null : "1")}
        >
          Critical path
        </Button>
        <Button size="compact-sm" variant="default" onClick={props.foldAll}>
          Fold
        </Button>
        <Button size="compact-sm" variant="default" title="Unfold all (*)" onClick={props.unfoldAll}>
          Unfold
        </Button>
        <NativeSelect
          size="xs"
          aria-label="View"
          title="v"
          data={VIEWS}
          value={view}
          onChange={(event) => show("view", event.currentTarget.value === "both" ? null : event.currentTarget.value)}
        />
      </Group>
    </Group>
  );
}

function spans(of: number): string {
  return `${count(of)} ${of === 1 ? "span" : "spans"}`;
}
