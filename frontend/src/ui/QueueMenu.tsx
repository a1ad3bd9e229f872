/** Queues that a trace can be put into, asked for when they are looked at, in; the chosen one out. */
import { Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "../api/client.ts";
import { question } from "../api/questions.ts";
import { QUEUES } from "./AddToQueue.tsx";
import type { Pressed } from "./Opener.tsx";
import { useOpening } from "./opening.ts";

export function QueueMenu({ button, add }: { button: Pressed; add: (queue: Schemas["QueueShown"]) => void }) {
  const { target, opened, setOpened } = useOpening();
  const listed = useQuery({ ...question<Schemas["QueueList"]>(QUEUES, { limit: "100" }), enabled: opened });
  return (
    <Menu opened={opened} onChange={setOpened} withinPortal>
      <Menu.Target>
        <button ref={target} type="button" {...button} />
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
