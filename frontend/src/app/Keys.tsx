/** The keys, from their registry, by where they hold. */
import { Kbd } from "@mantine/core";
import { KEYS } from "./shortcuts.ts";

export function Keys() {
  return (
    <>
      {KEYS.map(([where, keys]) => (
        <table className="plain" key={where}>
          <caption>{where}</caption>
          <tbody>
            {keys.map(([key, does]) => (
              <tr key={key}>
                <td style={{ width: 150 }}>
                  <Kbd>{key}</Kbd>
                </td>
                <td>{does}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </>
  );
}
