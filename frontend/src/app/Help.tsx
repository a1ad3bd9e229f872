/** The keys, from their registry. */
import { Kbd, Modal } from "@mantine/core";
import { KEYS } from "./shortcuts.ts";

export function Help({ opened, close }: { opened: boolean; close: () => void }) {
  return (
    <Modal opened={opened} onClose={close} title="Keys" size="sm">
      <table className="plain">
        <tbody>
          {KEYS.map(([key, does]) => (
            <tr key={key}>
              <td style={{ width: 110 }}>
                <Kbd>{key}</Kbd>
              </td>
              <td>{does}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  );
}
