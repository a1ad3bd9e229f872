/** A title and a query in; a card that shows what came, that it waits, or what went wrong, and leaves the rest alive, out. */
import { IconDots } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import { Component, lazy, memo, type ReactNode } from "react";
import { Problem } from "../api/client.ts";
import { lasting } from "../app/lasting.ts";
import { Opener } from "./Opener.tsx";
import { Skeleton } from "./Skeleton.tsx";

const menu = () => import("./PanelMenu.tsx");
const PanelMenu = lazy(lasting(() => menu().then((loaded) => ({ default: loaded.PanelMenu }))));

interface PanelProps<T> {
  title: string;
  /** The finding, when there is one. */
  finding?: ReactNode;
  query: UseQueryResult<T>;
  /** How high the skeleton is. */
  height: number;
  curl?: string;
  actions?: ReactNode;
  /** Further entries of the panel's menu. */
  more?: readonly Entry[];
  children: (data: T) => ReactNode;
}

export interface Entry {
  label: string;
  run: () => void;
}

export function Panel<T>({ title, finding, query, height, curl, actions, more, children }: PanelProps<T>) {
  const busy = query.isPending || query.isPlaceholderData;
  return (
    <section className="panel" aria-label={title} aria-busy={busy}>
      <header>
        <h2>
          {title} {finding && <span className="finding">{finding}</span>}
        </h2>
        {actions}
        <More title={title} curl={curl} more={more} />
      </header>
      <div className="stale">
        <Guarded of={query.dataUpdatedAt}>
          {query.data !== undefined ? (
            children(query.data)
          ) : query.error ? (
            <Failure error={query.error} retry={() => void query.refetch()} height={height} />
          ) : (
            <Skeleton height={height} />
          )}
        </Guarded>
      </div>
    </section>
  );
}

interface MoreProps {
  title: string;
  curl: string | undefined;
  more: readonly Entry[] | undefined;
}

const More = memo(function More({ title, curl, more }: MoreProps) {
  const button = { className: "icon-button", "aria-label": `More of ${title}`, children: <IconDots size={16} /> };
  return (
    <Opener button={button} fetch={menu}>
      {(again) => <PanelMenu button={again} title={title} curl={curl} more={more} />}
    </Opener>
  );
});

export function Failure({ error, retry, height }: { error: Error; retry?: () => void; height?: number }) {
  const told = error instanceof Problem ? error : null;
  return (
    <div style={{ minHeight: height }}>
      <div className="notice error" role="alert">
        <strong>{told ? `${told.title}${told.status ? ` (${told.status})` : ""}` : "This part failed"}.</strong>{" "}
        {error.message} {told?.requestId && <span className="mono">Request {told.requestId}</span>}{" "}
        {retry && (
          <button type="button" className="button small" onClick={retry}>
            Retry
          </button>
        )}
      </div>
    </div>
  );
}

interface Held {
  of: number;
  error: Error | null;
}

/** What can't be drawn takes nothing else with it, and is tried again with what comes next. What can be is kept, with its state. */
class Guarded extends Component<{ of: number; children: ReactNode }, Held> {
  override state: Held = { of: this.props.of, error: null };

  static getDerivedStateFromProps({ of }: { of: number }, held: Held): Held | null {
    return of === held.of ? null : { of, error: null };
  }

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    return this.state.error ? <Failure error={this.state.error} /> : this.props.children;
  }
}
