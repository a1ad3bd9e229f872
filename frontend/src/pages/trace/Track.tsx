/** One span and the time that is looked at in; its bar there, with the first token, out. */
import { duration } from "../../format.ts";
import type { Window } from "./Explorer.tsx";
import type { Tree } from "./tree.ts";

export function Track({ tree, place, span }: { tree: Tree; place: number; span: Window }) {
  const start = tree.start[place]!;
  const lasted = tree.duration[place]!;
  const wide = Math.max(1, span.to - span.from);
  const left = (100 * (start - span.from)) / wide;
  const width = (100 * lasted) / wide;
  const right = left + width;
  if (right < 0 || left > 100) return <i className="beyond" data-side={right < 0 ? "left" : "right"} aria-hidden />;
  const number = tree.call[place]!;
  const ttft = number < 0 ? null : tree.told.call_columns.ttft_us[number];
  const first = ttft && lasted ? Math.min(100, (100 * ttft) / lasted) : null;
  const from = Math.max(0, left);
  const told = `${duration(lasted / 1000)}${ttft ? `, first token after ${duration(ttft / 1000)}` : ""}, starts at ${duration(start / 1000)}`;
  return (
    <>
      <i
        className="lasting"
        data-role={tree.role[place]}
        data-failed={tree.failed[place] === 1 || undefined}
        title={told}
        style={{
          left: `${from}%`,
          width: `max(2px, ${Math.min(100, right) - from}%)`,
          ...(first !== null && left >= 0 && right <= 100 ? { "--first": `${first}%` } : {}),
        }}
        data-first={first !== null && left >= 0 && right <= 100 ? true : undefined}
      />
      {right < 88 && (
        <small className="lasted" style={{ left: `calc(${Math.max(from, right)}% + 6px)` }} aria-hidden>
          {duration(lasted / 1000)}
        </small>
      )}
      <span className="sr-only">{told}</span>
    </>
  );
}
