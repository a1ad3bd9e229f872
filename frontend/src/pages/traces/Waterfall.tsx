/** A listed trace in; when its first calls ran, in 120 pixels, out. */
import { duration } from "../../format.ts";
import type { Trace } from "./columns.tsx";

const WIDE = 120;
const HIGH = 18;
const LANES = 6;

export function Waterfall({ row }: { row: Trace }) {
  const total = Math.max(1, row.duration_ms ?? 1);
  const lanes = Math.min(LANES, Math.max(1, row.bars.length));
  const high = Math.max(2, Math.min(6, HIGH / lanes - 1));
  return (
    <svg
      className="mini-waterfall"
      viewBox={`0 0 ${WIDE} ${HIGH}`}
      role="img"
      aria-label={`${row.calls} calls within ${duration(row.duration_ms)}`}
    >
      <line x1={0} x2={WIDE} y1={HIGH - 0.5} y2={HIGH - 0.5} stroke="var(--line)" />
      {row.bars.map((bar, at) => (
        <rect
          key={at}
          x={Math.min(WIDE - 1, Math.max(0, (WIDE * bar.offset_ms) / total))}
          y={((at % lanes) * (HIGH - 1)) / lanes}
          width={Math.max(1, Math.min(WIDE, (WIDE * bar.duration_ms) / total))}
          height={high}
          fill={bar.failed ? "var(--error)" : "var(--accent)"}
        />
      ))}
    </svg>
  );
}
