/** The call that is looked at beside the list: resizable, with the ways to the one before and after. */
import { Skeleton } from "@mantine/core";
import { IconArrowsMaximize, IconChevronDown, IconChevronUp, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { usePlace } from "../../app/place.ts";
import { Go } from "../../ui/Go.tsx";
import { Failure } from "../../ui/Panel.tsx";
import { costText, modelName } from "./columns.tsx";
import { Detail } from "./Detail.tsx";
import { oneCall } from "./questions.ts";

const SLOT = "farthing.peek";
const [USUAL, LEAST, MOST] = [520, 340, 1000];
const STEP = 24;

interface PeekProps {
  id: string;
  before: (() => void) | undefined;
  after: (() => void) | undefined;
  close: () => void;
}

export function Peek({ id, before, after, close }: PeekProps) {
  const { search } = usePlace();
  const answer = useQuery(oneCall(id));
  const [width, setWidth] = useState(() => fitting(Number(localStorage.getItem(SLOT)) || USUAL));
  const held = useRef<{ x: number; width: number } | null>(null);
  const resize = (to: number) => {
    const next = fitting(to);
    setWidth(next);
    localStorage.setItem(SLOT, String(next));
  };
  const call = answer.data;
  return (
    <aside className="peek" data-beside aria-label="Request" aria-busy={answer.isPending} style={{ width }}>
      <div
        className="edge"
        role="separator"
        aria-orientation="vertical"
        aria-label="Width of the panel"
        aria-valuemin={LEAST}
        aria-valuemax={MOST}
        aria-valuenow={width}
        tabIndex={0}
        onKeyDown={(event) => {
          if (event.key === "ArrowLeft") resize(width + STEP);
          else if (event.key === "ArrowRight") resize(width - STEP);
        }}
        onPointerDown={(event) => {
          held.current = { x: event.clientX, width };
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => held.current && resize(held.current.width + held.current.x - event.clientX)}
        onPointerUp={() => (held.current = null)}
      />
      <header>
        <h2>{call ? `${modelName(call)} · ${costText(call)}` : "Request"}</h2>
        <Go title="Previous request (k)" act={before}>
          <IconChevronUp size={16} />
        </Go>
        <Go title="Next request (j)" act={after}>
          <IconChevronDown size={16} />
        </Go>
        <Link
          to={`/requests/${id}` as never}
          search={(({ peek: _, ...rest }) => rest)(search) as never}
          aria-label="Open as a page"
          title="Open as a page (Enter)"
          className="icon"
        >
          <IconArrowsMaximize size={16} />
        </Link>
        <Go title="Close (Esc)" act={close}>
          <IconX size={16} />
        </Go>
      </header>
      <div className="body" tabIndex={0} role="region" aria-label="Details">
        {call ? (
          <Detail key={call.id} call={call} />
        ) : answer.error ? (
          <Failure error={answer.error} retry={() => void answer.refetch()} />
        ) : (
          <Skeleton height={600} />
        )}
      </div>
    </aside>
  );
}

function fitting(width: number): number {
  return Math.round(Math.min(MOST, Math.max(LEAST, Math.min(width, window.innerWidth - 80))));
}
