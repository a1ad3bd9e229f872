/** What a thing is, and its id, in; what people said of it, and room to say more, out. Asked for only when it is opened. */
import { Button, Group, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Schemas, send } from "../api/client.ts";
import { question } from "../api/questions.ts";
import { usePlace } from "../app/place.ts";
import { session } from "../app/session.ts";
import { moment } from "../format.ts";
import { zoneOf } from "../url.ts";
import { RowButton } from "./RowButton.tsx";
import { useDoing } from "./doing.ts";
import { Failure } from "./Panel.tsx";

const PATH = "/api/v1/comments";

export function Comments({ type, id }: { type: "TRACE" | "OBSERVATION" | "SESSION" | "PROMPT"; id: string }) {
  const { search } = usePlace();
  const [open, setOpen] = useState(false);
  const [said, setSaid] = useState("");
  const doing = useDoing();
  const author = useQuery(session).data?.user.name ?? null;
  const answer = useQuery({
    ...question<Schemas["CommentList"]>(PATH, { object_type: type, object_id: id, limit: "100" }),
    placeholderData: undefined,
    enabled: open,
  });
  const body = { object_type: type, object_id: id, content: said.trim(), author_user_id: author };
  return (
    <details className="panel conversation" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Comments{answer.data ? `: ${answer.data.data.length}` : ""}</summary>
      {open && (
        <div aria-busy={answer.isPending}>
          {answer.error && <Failure error={answer.error} retry={() => void answer.refetch()} />}
          <ul className="comments">
            {answer.data?.data.map((one) => (
              <li key={one.id}>
                <p className="muted">
                  {one.author_user_id ?? "somebody"},{" "}
                  <time dateTime={one.created_at}>{moment(one.created_at, zoneOf(search))}</time>{" "}
                  <RowButton
                    color="gray"
                    onClick={() => doing.twice(one.id, () => send("DELETE", `${PATH}/${one.id}`))}
                  >
                    {doing.sure === one.id ? "Remove it for good?" : "Remove"}
                  </RowButton>
                </p>
                <p className="said">{one.content}</p>
              </li>
            ))}
          </ul>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              doing.run(
                () => send("POST", PATH, {}, body),
                () => setSaid(""),
              );
            }}
          >
            <Textarea
              aria-label="Comment"
              placeholder="What should others know of it?"
              autosize
              minRows={2}
              maxLength={5000}
              value={said}
              onChange={(event) => setSaid(event.currentTarget.value)}
            />
            {doing.error && <Failure error={doing.error} />}
            <Group justify="end" mt={8}>
              <Button size="compact-sm" type="submit" loading={doing.busy} disabled={!body.content}>
                Comment
              </Button>
            </Group>
          </form>
        </div>
      )}
    </details>
  );
}
