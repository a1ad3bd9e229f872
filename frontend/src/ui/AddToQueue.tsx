/** The id of a trace in; it is put in a queue that people work through, out. The queues are asked for when the menu is opened. */
import { Button, Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Schemas, send } from "../api/client.ts";
import { question } from "../api/questions.ts";
import { useDoing } from "./doing.ts";

const PATH = "/api/v1/annotation-queues";

export function AddToQueue({ id }: { id: string }) {
  const [open, setOpen] = useState(false);
  const [done, setDone] = useState("");
  const doing = useDoing();
  const listed = useQuery({ ...question<Schemas["QueueList"]>(PATH, { limit: "100" }), enabled: open });
  const add = (queue: Schemas["QueueShown"]) =>
    doing.run(
      () => send("POST", `${PATH}/${queue.id}/items`, {}, { object_type: "TRACE", object_id: id }),
      () => setDone(`In ${queue.name}`),
    );
  return (
    <Menu opened={open} onChange={setOpen} withinPortal>
      <Menu.Target>
        <Button variant="default" size="compact-sm" mih={24} loading={doing.busy}>
          {doing.error ? "Not added: try again" : done || "Add to queue"}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {listed.data?.data.map((queue) => (
          <Menu.Item key={queue.id} onClick={() => add(queue)}>
            {queue.name}
          </Menu.Item>
        ))}
        {listed.data?.data.length === 0 && <Menu.Label>There is no queue: make one under Annotation.</Menu.Label>}
      </Menu.Dropdown>
    </Menu>
  );
}
