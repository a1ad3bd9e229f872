/** A tree in; the part of it that is looked at, and the span that was picked, in the address, out. */
import { lazy, Suspense, useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { whenIdle } from "../../app/idle.ts";
import { lasting } from "../../app/lasting.ts";
import { usePlace } from "../../app/place.ts";
import { first } from "../../url.ts";
import { Grid } from "./Grid.tsx";
import { useTreeKeys } from "./keys.ts";
import { Minimap } from "./Minimap.tsx";
import { ANYTHING, criticalPath, matches, rowOf, unfoldedTo, visible, type Wanted } from "./rows.ts";
import { Sieve } from "./Sieve.tsx";
import type { Tree } from "./tree.ts";

export interface Window {
  from: number;
  to: number;
}

const WRITE_MS = 200;
/** A tree is there and can be walked before anything else is fetched. */
export const DRAWN_MS = 300;

const detail = () => import("./Detail.tsx");
const Detail = lazy(lasting(() => detail().then((loaded) => ({ default: loaded.Detail }))));

export function Explorer({ tree, traceId }: { tree: Tree; traceId: string }) {
  const { search, change } = usePlace();
  const named = first(search, "span");
  const linked = useMemo(() => (named ? tree.ids.indexOf(named) : -1), [tree, named]);
  const view = first(search, "view") ?? "both";
  const critical = first(search, "critical") === "1";
  const [picked, setPicked] = useState(linked);
  const [folded, setFolded] = useState<ReadonlySet<number>>(() => unfoldedTo(tree, new Set(), Math.max(0, linked)));
  const [wanted, setWanted] = useState<Wanted>(ANYTHING);
  const [span, setSpan] = useState<Window>({ from: 0, to: tree.total });
  const sought = useDeferredValue(wanted);
  const found = useMemo(() => matches(tree, sought), [tree, sought]);
  const rows = useMemo(() => visible(tree, folded, found), [tree, folded, found]);
  const path = useMemo(() => (critical ? criticalPath(tree) : null), [tree, critical]);
  useEffect(() => setPicked(linked), [linked]);
  useEffect(() => whenIdle(DRAWN_MS, () => void detail().catch(() => undefined)), []);

  // Held-down keys pass many spans; the address is told of the last.
  const due = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(due.current), []);
  const pick = useCallback(
    (place: number) => {
      setPicked(place);
      setFolded((now) => unfoldedTo(tree, now, place));
      clearTimeout(due.current);
      due.current = setTimeout(
        () =>
          change(({ span: _, ...rest }) => (place < 0 ? rest : { ...rest, span: tree.ids[place] ?? "" }), {
            replace: true,
          }),
        WRITE_MS,
      );
    },
    [tree, change],
  );
  const fold = useCallback((place: number, shut: boolean) => {
    setFolded((now) => {
      const next = new Set(now);
      if (shut) next.add(place);
      else next.delete(place);
      return next;
    });
  }, []);
  const zoom = useCallback(
    (place: number) => {
      const edge = Math.max(10, tree.duration[place]! / 20);
      const from = Math.max(0, tree.start[place]! - edge);
      setSpan({ from, to: Math.min(tree.total, tree.start[place]! + tree.duration[place]! + edge) });
    },
    [tree],
  );
  const show = (name: "view" | "critical", value: string | null) =>
    change(({ [name]: _, ...rest }) => (value === null ? rest : { ...rest, [name]: value }), { replace: true });
  const keys = useTreeKeys(
    { tree, rows, picked, folded, pick, fold, unfold: () => setFolded(new Set()) },
    {
      view: () => show("view", view === "both" ? "tree" : view === "tree" ? "timeline" : null),
      critical: () => show("critical", critical ? null : "1"),
    },
  );
  const hits = found ? found.reduce((sum, one) => sum + one, 0) : null;
  return (
    <div className="explorer" data-open={picked >= 0}>
      <section className="panel spans" aria-label="Spans">
        <Sieve
          wanted={wanted}
          setWanted={setWanted}
          hits={hits}
          count={tree.count}
          view={view}
          critical={critical}
          show={show}
          foldAll={() => {
            const all = new Set<number>();
            for (let at = 0; at < tree.count; at++) if (tree.children[at] && tree.depth[at]! > 0) all.add(at);
            setFolded(all);
          }}
          unfoldAll={() => setFolded(new Set())}
          jump={keys.jump}
        />
        {view !== "tree" && <Minimap tree={tree} span={span} setSpan={setSpan} />}
        <Grid
          tree={tree}
          rows={rows}
          found={found}
          folded={folded}
          picked={picked}
          pickedRow={picked < 0 ? -1 : rowOf(tree, rows, picked)}
          pick={pick}
          fold={fold}
          span={span}
          zoom={zoom}
          view={view}
          path={path}
          onKeyDown={keys.listen}
        />
      </section>
      {picked >= 0 && (
        <Suspense fallback={<aside className="panel span-detail" aria-label="The span" aria-busy />}>
          <Detail key={picked} tree={tree} place={picked} traceId={traceId} close={() => pick(-1)} />
        </Suspense>
      )}
    </div>
  );
}
