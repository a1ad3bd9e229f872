/** Fields, whether they can be saved, and what saves them in; a dialog that says what went wrong, out. */
import { Button, Group, Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { Failure } from "./Panel.tsx";
import type { Doing } from "./doing.ts";

interface FormProps {
  title: string;
  save: () => void;
  saveTitle?: string;
  close: () => void;
  doing: Doing;
  /** Whether something is missing or wrong. */
  wrong?: boolean;
  size?: string;
  children: ReactNode;
}

export function Form({
  title,
  save,
  saveTitle = "Save",
  close,
  doing,
  wrong = false,
  size = "md",
  children,
}: FormProps) {
  return (
    <Modal closeButtonProps={{ "aria-label": "Close" }} opened onClose={close} title={title} size={size}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        {children}
        {doing.error && <Failure error={doing.error} />}
        <Group justify="end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={doing.busy} disabled={wrong}>
            {saveTitle}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
