/** A title and a query in; a card that shows what came, that it waits, or what went wrong, and leaves the rest alive, out. */
import { ActionIcon, Button, Menu, Skeleton } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import { Component, memo, type ReactNode, useEffect, useRef, useState } from "react";
import { Problem } from "../api/client.ts";
import { keep } from "../api/download.ts";
import { asPng, asSvg, isDrawn } from "../charts/picture.ts";

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

interface Entry {
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
        <PanelMenu title={title} curl={curl} more={more} />
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

interface PanelMenuProps {
  title: string;
  curl: string | undefined;
  more: readonly Entry[] | undefined;
}

/** A page has a dozen of these, and hardly any is ever opened: until it is, it is a button and nothing else. */
const PanelMenu = memo(function PanelMenu(props: PanelMenuProps) {
  const [wanted, setWanted] = useState(false);
  if (wanted) return <Opened {...props} />;
  return (
    <ActionIcon
      {...LOOK}
      aria-label={`More of ${props.title}`}
      aria-haspopup="menu"
      aria-expanded={false}
      onClick={() => setWanted(true)}
    >
      <IconDots size={16} />
    </ActionIcon>
  );
});

const LOOK = { variant: "subtle", color: "gray", size: 26 } as const;

function Opened({ title, curl, more }: PanelMenuProps) {
  const target = useRef<HTMLButtonElement>(null);
  const [opened, setOpened] = useState(false);
  const [drawn, setDrawn] = useState<Element | null>(null);
  const change = (open: boolean) => {
    const panel = target.current?.closest("section") ?? null;
    if (open) setDrawn(panel && isDrawn(panel) ? panel : null);
    setOpened(open);
  };
  useEffect(() => {
    // The button that was clicked is gone; focus comes back to this one when the menu closes.
    target.current?.focus();
    change(true);
  }, []);
  const name = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  const svg = (panel: Element) => keep(new Blob([asSvg(panel, title).text], { type: "image/svg+xml" }), `${name}.svg`);
  const png = (panel: Element) => void asPng(panel, title).then((made) => keep(made, `${name}.png`));
  return (
    <Menu position="bottom-end" withinPortal opened={opened} onChange={change}>
      <Menu.Target>
        <ActionIcon ref={target} {...LOOK} aria-label={`More of ${title}`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {curl && <Menu.Item onClick={() => void navigator.clipboard.writeText(curl)}>Copy as curl</Menu.Item>}
        <Menu.Item onClick={() => void navigator.clipboard.writeText(window.location.href)}>Copy link</Menu.Item>
        {drawn && <Menu.Item onClick={() => png(drawn)}>Save as PNG</Menu.Item>}
        {drawn && <Menu.Item onClick={() => svg(drawn)}>Save as SVG</Menu.Item>}
        {(more ?? []).map((entry) => (
          <Menu.Item key={entry.label} onClick={entry.run}>
            {entry.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function Failure({ error, retry, height }: { error: Error; retry?: () => void; height?: number }) {
  const told = error instanceof Problem ? error : null;
  return (
    <div style={{ minHeight: height }}>
      <div className="notice error" role="alert">
        <strong>{told ? `${told.title}${told.status ? ` (${told.status})` : ""}` : "This part failed"}.</strong>{" "}
        {error.message} {told?.requestId && <span className="mono">Request {told.requestId}</span>}{" "}
        {retry && (
          <Button size="compact-xs" mih={24} variant="default" onClick={retry}>
            Retry
          </Button>
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
