/** One number, what it leaves out and how it changed in; a card, out. */
import type { ReactNode } from "react";
import { Exact } from "./Exact.tsx";
import { Spark } from "./Spark.tsx";

interface TileProps {
  title: string;
  value: ReactNode;
  /** The exact value, and what it leaves out. */
  exact: string;
  delta?: ReactNode;
  /** Beside the title: what may come later than the rest, and must not move it. */
  aside?: string;
  sub?: ReactNode;
  busy?: boolean;
  /** The steps of the range, in a strip of their own; reserved while they are on their way. */
  spark?: readonly (number | null)[];
}

export function Tile({ title, value, exact, delta, aside, sub, busy = false, spark }: TileProps) {
  return (
    <section className="panel tile" aria-label={title} aria-busy={busy}>
      <div className="head">
        <h2>{title}</h2>
        <span className="aside">{aside}</span>
      </div>
      <div className="stale">
        <Exact exact={exact}>{value}</Exact>
        {delta && <span className="delta">{delta}</span>}
        <div className="sub">{sub}</div>
        {spark && <Spark values={spark} />}
      </div>
    </section>
  );
}
