/** What is looked for inside the trace, ways to jump, and how it is drawn. */
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

const KINDS = ROLES.map((role) => [role, role] as const);
const LEVELS = ["debug", "default", "warning", "error"].map((level) => [level, level] as const);
const VIEWS = [
  ["both", "tree and timeline"],
  ["tree", "tree"],
  ["timeline", "timeline"],
] as const;

export function Sieve(props: SieveProps) {
  const { wanted, setWanted, hits, view, critical, show, jump } = props;
  const set = (part: Partial<Wanted>) => setWanted({ ...wanted, ...part });
  return (
    <div className="in-row sieve" role="search" aria-label="Spans of this trace">
      <input
        className="input"
        style={{ width: 170 }}
        aria-label="Name, model or span id"
        placeholder="Name, model, span id"
        value={wanted.text}
        onChange={(event) => set({ text: event.currentTarget.value })}
      />
      <Choice label="Kind" of={[["", "any kind"], ...KINDS]} value={wanted.role} choose={(role) => set({ role })} />
      <Choice
        label="Level"
        of={[["", "any level"], ...LEVELS]}
        value={wanted.level}
        choose={(level) => set({ level })}
      />
      <input
        className="input"
        style={{ width: 82 }}
        aria-label="At least so many milliseconds"
        placeholder="≥ ms"
        inputMode="numeric"
        value={wanted.minMs || ""}
        onChange={(event) => set({ minMs: Math.max(0, Number(event.currentTarget.value) || 0) })}
      />
      <input
        className="input"
        style={{ width: 82 }}
        aria-label="Own cost of at least so many dollars"
        placeholder="≥ $ own"
        inputMode="decimal"
        value={wanted.minCost}
        onChange={(event) => set({ minCost: event.currentTarget.value.trim() })}
      />
      <span className="muted" aria-live="polite" data-hits={hits ?? ""}>
        {hits === null ? spans(props.count) : `${count(hits)} of ${spans(props.count)}`}
      </span>
      {hits !== null && <Act title="Clear" act={() => setWanted(ANYTHING)} />}
      <div className="in-row" style={{ marginLeft: "auto" }}>
        <Act title="Next error" hint="Next error (e), previous (Shift E)" act={() => jump("error")} />
        <Act title="Dearest" hint="Dearest span (m)" act={() => jump("dearest")} />
        <Act
          title="Critical path"
          hint="What kept the trace from ending earlier (p)"
          pressed={critical}
          act={() => show("critical", critical ? null : "1")}
        />
        <Act title="Fold" act={props.foldAll} />
        <Act title="Unfold" hint="Unfold all (*)" act={props.unfoldAll} />
        <Choice
          label="View"
          hint="v"
          of={VIEWS}
          value={view}
          choose={(next) => show("view", next === "both" ? null : next)}
        />
      </div>
    </div>
  );
}

interface ChoiceProps {
  label: string;
  hint?: string;
  of: readonly (readonly [value: string, label: string])[];
  value: string;
  choose: (value: string) => void;
}

function Choice({ label, hint, of, value, choose }: ChoiceProps) {
  return (
    <select
      className="select"
      aria-label={label}
      title={hint}
      value={value}
      onChange={(event) => choose(event.currentTarget.value)}
    >
      {of.map(([one, name]) => (
        <option key={one} value={one}>
          {name}
        </option>
      ))}
    </select>
  );
}

interface ActProps {
  title: string;
  hint?: string;
  pressed?: boolean;
  act: () => void;
}

function Act({ title, hint, pressed, act }: ActProps) {
  return (
    <button type="button" className="button compact" title={hint} aria-pressed={pressed} onClick={act}>
      {title}
    </button>
  );
}

function spans(of: number): string {
  return `${count(of)} ${of === 1 ? "span" : "spans"}`;
}
