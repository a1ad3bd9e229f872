/** What was spent over time in; a strip on which dragging sets the range and a click goes to a time, out. */
import { useRef, useState } from "react";
import type { Spend } from "../../api/questions.ts";
import { usePlace } from "../../app/place.ts";
import { zoomed } from "../../app/zoom.ts";
import { approximate, count, money, moment } from "../../format.ts";
import { withRange } from "../../url.ts";

const HEIGHT = 60;

interface HistogramProps {
  answer: Spend;
  zone: string;
  /** Goes to the calls that began before this moment. */
  onJump: (iso: string) => void;
}

export function Histogram({ answer, zone, onJump }: HistogramProps) {
  const { search, change } = usePlace();
  const host = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<number | null>(null);
  const [from, setFrom] = useState<number | null>(null);
  const steps = answer.series;
  const values = steps.map((step) => approximate(step.groups[0]?.cost_usd));
  const most = Math.max(...values, 0) || 1;
  const end = (step: number) => steps[step + 1]?.time ?? answer.to;
  const under = (x: number) => {
    const box = host.current?.getBoundingClientRect();
    if (!box?.width) return 0;
    return Math.max(0, Math.min(steps.length - 1, Math.floor(((x - box.left) / box.width) * steps.length)));
  };
  const choose = (a: number, b: number) => {
    const [first, last] = [Math.min(a, b), Math.max(a, b)];
    const start = steps[first]?.time;
    if (!start) return;
    zoomed(search, start, end(last));
    change(({ at: _, ...now }) => withRange(now, start, end(last)));
  };
  const keys = (event: React.KeyboardEvent) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by) {
      const next = Math.max(0, Math.min(steps.length - 1, (at ?? (by > 0 ? -1 : steps.length)) + by));
      setFrom(event.shiftKey ? (from ?? at ?? next) : null);
      setAt(next);
    } else if (event.key === "Enter" && at !== null) {
      if (from !== null && from !== at) choose(from, at);
      else onJump(end(at));
      setFrom(null);
    } else if (event.key === "Escape") {
      setFrom(null);
      setAt(null);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const said = told(answer, at, from, zone, end);
  return (
    <div className="histogram">
      <div
        ref={host}
        role="slider"
        tabIndex={0}
        aria-label="Cost over time. Arrows read it, with Shift they choose a range, Enter goes there."
        aria-valuemin={0}
        aria-valuemax={Math.max(0, steps.length - 1)}
        aria-valuenow={at ?? 0}
        aria-valuetext={said}
        className="bars"
        style={{ height: HEIGHT }}
        onKeyDown={keys}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setFrom(under(event.clientX));
        }}
        onPointerMove={(event) => setAt(under(event.clientX))}
        onPointerUp={(event) => {
          const to = under(event.clientX);
          if (from !== null && from !== to) choose(from, to);
          else if (from !== null) onJump(end(to));
          setFrom(null);
        }}
        onPointerLeave={() => from === null && setAt(null)}
      >
        <svg viewBox={`0 0 ${Math.max(1, steps.length)} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden>
          <path d={bars(values, most)} />
        </svg>
        {at !== null && <Mark first={Math.min(at, from ?? at)} last={Math.max(at, from ?? at)} of={steps.length} />}
      </div>
      <p className="muted">{said}</p>
    </div>
  );
}

/** All bars as one path, so that they cost one node. */
function bars(values: readonly number[], most: number): string {
  return values
    .map((value, step) => {
      const height = value > 0 ? Math.max(1, (value / most) * HEIGHT) : 0;
      return height ? `M${step + 0.08} ${HEIGHT}v${-height}h.84v${height}z` : "";
    })
    .join("");
}

function Mark({ first, last, of }: { first: number; last: number; of: number }) {
  return (
    <i className="mark" style={{ left: `${(100 * first) / of}%`, width: `${(100 * (last - first + 1)) / of}%` }} />
  );
}

function told(
  answer: Spend,
  at: number | null,
  from: number | null,
  zone: string,
  end: (step: number) => string,
): string {
  const step = at === null ? undefined : answer.series[at];
  if (at === null || !step) return "Cost over time: drag to choose a range, click to go to a time";
  if (from !== null && from !== at) {
    const [first, last] = [Math.min(from, at), Math.max(from, at)];
    return `${moment(answer.series[first]?.time ?? step.time, zone, false)} – ${moment(end(last), zone, false)}`;
  }
  const group = step.groups[0];
  const spent = group ? `${money(group.cost_usd)} · ${count(group.calls)} requests` : "no requests";
  return `${moment(step.time, zone, false)} – ${moment(end(at), zone, false)}: ${spent}`;
}
