/** What people said of a thing in; it, and what is said more, out. */
import { Button, Group, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Schemas, send } from "../api/client.ts";
import { usePlace } from "../app/place.ts";
import { session } from "../app/session.ts";
import { moment } from "../format.ts";
import { zoneOf } from "../url.ts";
import { COMMENTS, type Concerned } from "./Comments.tsx";
import { useDoing } from "./doing.ts";
import { Failure } from "./Panel.tsx";
import { RowButton } from "./RowButton.tsx";

interface CommentingProps extends Concerned {
  said: Schemas["CommentList"]["data"] | undefined;
}

export function Commenting({ type, id, said }: CommentingProps) {
  const { search } = usePlace();
  const [text, setText] = useState("");
  const doing = useDoing();
  const author = useQuery(session).data?.user.name ?? null;
  const body = { object_type: type, object_id: id, content: text.trim(), author_user_id: author };
  return (
    <>
      <ul className="comments">
        {said?.map((one) => (
          <li key={one.id}>
            <p className="muted">
              {one.author_user_id ?? "somebody"},{" "}
              <time dateTime={one.created_at}>{moment(one.created_at, zoneOf(search))}</time>{" "}
              <RowButton
                color="gray"
                onClick={() => doing.twice(one.id, () => send("DELETE", `${COMMENTS}/${one.id}`))}
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
            () => send("POST", COMMENTS, {}, body),
            () => setText(""),
          );
        }}
      >
        <Textarea
          aria-label="Comment"
          placeholder="What should others know of it?"
          autosize
          minRows={2}
          maxLength={5000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {doing.error && <Failure error={doing.error} />}
        <Group justify="end" mt={8}>
          <Button size="compact-sm" type="submit" loading={doing.busy} disabled={!body.content}>
            Comment
          </Button>
        </Group>
      </form>
    </>
  );
}
