/** A stretch of time in; where it is ruled, in round steps, out. */
import { duration } from "../../format.ts";
import type { Window } from "./Explorer.tsx";

const MOST = 5;

/** Round steps of 1, 2 or 5 in microseconds; at most five marks. */
export function marks(span: Window): number[] {
  const wide = Math.max(1, span.to - span.from);
  const power = 10 ** Math.floor(Math.log10(wide / MOST));
  const step = [1, 2, 5, 10].map((by) => by * power).find((by) => wide / by <= MOST) ?? wide;
  const found: number[] = [];
  for (let at = Math.ceil(span.from / step) * step; at <= span.to; at += step) found.push(at);
  return found;
}

export function Ruler({ span }: { span: Window }) {
  const wide = Math.max(1, span.to - span.from);
  return (
    <span className="ruler" aria-hidden>
      {marks(span).map((at) => (
        <i key={at} style={{ left: `${(100 * (at - span.from)) / wide}%` }}>
          {at === 0 ? "0" : duration(at / 1000)}
        </i>
      ))}
    </span>
  );
}
