/** A trace's id in; what was said in it from its first request to its last answer, asked for only when it is opened, out. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import type { Schemas } from "../../api/client.ts";
import { question } from "../../api/questions.ts";
import { lasting } from "../../app/lasting.ts";
import { Failure } from "../../ui/Panel.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";

const Chat = lazy(lasting(() => import("../../ui/Chat.tsx").then((loaded) => ({ default: loaded.Chat }))));

export function Conversation({ id }: { id: string }) {
  const [open, setOpen] = useState(false);
  const answer = useQuery({
    // Of the spans one is enough: they are drawn from another answer.
    ...question<Schemas["TraceDetail"]>(`/api/v1/traces/${encodeURIComponent(id)}`, { limit: "1" }),
    placeholderData: undefined,
    enabled: open,
    staleTime: 60_000,
  });
  const told = answer.data;
  return (
    <details className="panel conversation" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Conversation</summary>
      {open && (
        <div aria-busy={answer.isPending}>
          {answer.error ? (
            <Failure error={answer.error} retry={() => void answer.refetch()} />
          ) : !told ? (
            <Skeleton height={120} />
          ) : (
            <Suspense fallback={<Skeleton height={120} />}>
              {!told.messages ? (
                <Chat said={told} what="input" />
              ) : (
                <>
                  <h3>Input</h3>
                  <Chat said={told} what="input" />
                  <h3>Output</h3>
                  <Chat said={told} what="output" />
                </>
              )}
            </Suspense>
          )}
        </div>
      )}
    </details>
  );
}
