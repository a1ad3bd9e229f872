/** One span in; its row of the treegrid: name, figures with their share of the span above, and its bar, out. */
import { memo } from "react";
import { cellMoney, count, duration, exactMoney, percent } from "../../format.ts";
import type { Window } from "./Explorer.tsx";
import { decimal, share } from "./exact.ts";
import { Track } from "./Track.tsx";
import type { Tree } from "./tree.ts";

interface RowProps {
  tree: Tree;
  place: number;
  index: number;
  top: number;
  shut: boolean;
  selected: boolean;
  faint: boolean;
  critical: boolean;
  span: Window;
  view: string;
  pick: (place: number) => void;
  fold: (place: number, shut: boolean) => void;
  zoom: (place: number) => void;
}

const MOST_INDENTS = 12;
const INDENT = 14;
const MARKS = { model: "◆", tool: "⚙", retrieval: "⌕", agent: "●", other: "·" } as const;

export const Row = memo(function Row(props: RowProps) {
  const { tree, place, index, top, shut, selected, faint, critical, span, view, pick, fold, zoom } = props;
  const depth = tree.depth[place]!;
  const children = tree.children[place]!;
  const role = tree.role[place]!;
  const attempts = tree.attempts.get(place);
  return (
    <div
      role="row"
      id={`span-${place}`}
      className="treerow"
      aria-rowindex={index + 2}
      aria-level={depth + 1}
      aria-posinset={tree.position[place]}
      aria-setsize={tree.siblings[place]}
      aria-expanded={children ? !shut : undefined}
      aria-selected={selected}
      data-faint={faint || undefined}
      data-critical={critical || undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => pick(place)}
      onDoubleClick={() => zoom(place)}
    >
      <span role="gridcell" className="name" style={{ paddingLeft: Math.min(depth, MOST_INDENTS) * INDENT }}>
        {depth > MOST_INDENTS && <small className="muted">{depth}</small>}
        <i
          className="twist"
          aria-hidden
          onClick={(event) => {
            if (!children) return;
            event.stopPropagation();
            fold(place, !shut);
          }}
        >
          {children ? (shut ? "▸" : "▾") : ""}
        </i>
        <i className="role-mark" data-role={role} title={role} aria-hidden>
          {MARKS[role]}
        </i>
        <span className="text" title={`${tree.names[place]} (${role})`}>
          {tree.names[place]}
        </span>
        {tree.failed[place] === 1 && <b className="bad">error</b>}
        {tree.orphan[place] === 1 && <b className="warn">no parent</b>}
        {shut && <small className="muted">+{count(tree.descendants[place])}</small>}
        {attempts && (
          <small className="warn" title={exactMoney(decimal(attempts.cost))}>
            {attempts.number} attempts, {attempts.wasted} wasted, {cellMoney(decimal(attempts.cost))}
          </small>
        )}
      </span>
      {view !== "timeline" && <Figures tree={tree} place={place} />}
      {view !== "tree" && (
        <span role="gridcell" className="time-track">
          <Track tree={tree} place={place} span={span} />
        </span>
      )}
    </div>
  );
});

function Figures({ tree, place }: { tree: Tree; place: number }) {
  const above = tree.under[place]!;
  const lasted = tree.duration[place]!;
  const own = decimal(tree.own[place] ?? null);
  const all = decimal(tree.subtree[place] ?? null);
  const uncovered = tree.uncovered[place]!;
  const part = above < 0 ? null : share(tree.subtree[place] ?? null, tree.subtree[above] ?? null);
  const time = above < 0 || !tree.duration[above] ? null : Math.min(1, lasted / tree.duration[above]!);
  const isCall = tree.call[place]! >= 0;
  const restated = isCall && tree.told.call_columns.restated[tree.call[place]!];
  return (
    <>
      <span
        role="gridcell"
        className="r"
        title={`${lasted / 1000} ms${time === null ? "" : `, ${percent(time)} of the span above`}`}
      >
        <Heat share={time} />
        {duration(lasted / 1000)}
      </span>
      <span role="gridcell" className="r">
        {tree.tokens[place]! < 0 ? (isCall ? "—" : "") : count(tree.tokens[place])}
      </span>
      <span role="gridcell" className="r" title={isCall ? (restated ? "Counted elsewhere" : exactMoney(own)) : ""}>
        {isCall ? (restated ? "elsewhere" : own === null ? unknown(tree, place) : cellMoney(own)) : ""}
      </span>
      <span
        role="gridcell"
        className="r"
        title={`${all === null ? "unknown" : exactMoney(all)}${uncovered ? `, without ${count(uncovered)} calls whose cost is unknown` : ""}${part === null ? "" : `, ${percent(part)} of the span above`}`}
      >
        <Heat share={part} />
        {all === null ? (uncovered ? "— no price" : "") : cellMoney(all)}
        {all !== null && uncovered > 0 && <span className="warn">+?</span>}
      </span>
    </>
  );
}

/** Why a call's cost is unknown: its model has no price, or nobody told what it used. */
function unknown(tree: Tree, place: number): string {
  const status = tree.told.texts[tree.told.call_columns.cost_status[tree.call[place]!]!];
  return status === "unpriced" ? "— no price" : "—";
}

/** The share of what is above, as a bar under the figure. */
function Heat({ share }: { share: number | null }) {
  return share === null ? null : <i className="heat" aria-hidden style={{ width: `${100 * share}%` }} />;
}
