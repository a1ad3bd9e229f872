/** The keys, in a dialog. */
import { Modal } from "@mantine/core";
import { Keys } from "./Keys.tsx";

export function Help({ opened, close }: { opened: boolean; close: () => void }) {
  return (
    <Modal closeButtonProps={{ "aria-label": "Close" }} opened={opened} onClose={close} title="Keys" size="md">
      <Keys />
    </Modal>
  );
}
