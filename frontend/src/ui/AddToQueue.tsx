/** The id of a trace in; it is put in a queue that people work through, out. What can be chosen is fetched when somebody is about to. */
import { lazy, useState } from "react";
import { type Schemas, send } from "../api/client.ts";
import { lasting } from "../app/lasting.ts";
import { useDoing } from "./doing.ts";
import { Opener } from "./Opener.tsx";

export const QUEUES = "/api/v1/annotation-queues";

const menu = () => import("./QueueMenu.tsx");
const QueueMenu = lazy(lasting(() => menu().then((loaded) => ({ default: loaded.QueueMenu }))));

export function AddToQueue({ id }: { id: string }) {
  const [done, setDone] = useState("");
  const doing = useDoing();
  const add = (queue: Schemas["QueueShown"]) =>
    doing.run(
      () => send("POST", `${QUEUES}/${queue.id}/items`, {}, { object_type: "TRACE", object_id: id }),
      () => setDone(`In ${queue.name}`),
    );
  const button = {
    className: "button compact",
    disabled: doing.busy,
    children: doing.error ? "Not added: try again" : done || "Add to queue",
  };
  return (
    <Opener button={button} fetch={menu}>
      {(again) => <QueueMenu button={again} add={add} />}
    </Opener>
  );
}
