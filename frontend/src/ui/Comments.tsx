/** What a thing is, and its id, in; what people said of it, and room to say more, out. Asked for only when it is opened. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import type { Schemas } from "../api/client.ts";
import { question } from "../api/questions.ts";
import { lasting } from "../app/lasting.ts";
import { Failure } from "./Panel.tsx";

export const COMMENTS = "/api/v1/comments";

export interface Concerned {
  type: "TRACE" | "OBSERVATION" | "SESSION" | "PROMPT";
  id: string;
}

const Commenting = lazy(lasting(() => import("./Commenting.tsx").then((loaded) => ({ default: loaded.Commenting }))));

export function Comments({ type, id }: Concerned) {
  const [open, setOpen] = useState(false);
  const answer = useQuery({
    ...question<Schemas["CommentList"]>(COMMENTS, { object_type: type, object_id: id, limit: "100" }),
    placeholderData: undefined,
    enabled: open,
  });
  return (
    <details className="panel conversation" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Comments{answer.data ? `: ${answer.data.data.length}` : ""}</summary>
      {open && (
        <div aria-busy={answer.isPending}>
          {answer.error && <Failure error={answer.error} retry={() => void answer.refetch()} />}
          <Suspense>
            <Commenting type={type} id={id} said={answer.data?.data} />
          </Suspense>
        </div>
      )}
    </details>
  );
}
