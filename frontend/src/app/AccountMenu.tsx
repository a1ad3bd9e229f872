/** Who is signed in, as a button, in; the same with the way out, out. */
import { Menu } from "@mantine/core";
import { send } from "../api/client.ts";
import type { Pressed } from "../ui/Opener.tsx";
import { useOpening } from "../ui/opening.ts";

export function AccountMenu({ button }: { button: Pressed }) {
  const { target, opened, setOpened } = useOpening();
  return (
    <Menu position="right-end" opened={opened} onChange={setOpened}>
      <Menu.Target>
        <button ref={target} type="button" {...button} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          onClick={() => {
            void send("DELETE", "/api/v1/session").then(() => window.location.reload());
          }}
        >
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
