/** An incident in; what somebody can say of it: that they look after it, that it can wait, that it was to be expected. */
import { Button, Group, Menu } from "@mantine/core";
import { send } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { moment } from "../../format.ts";
import { Failure } from "../../ui/Panel.tsx";
import { zoneOf } from "../../url.ts";
import { useDoing } from "../../ui/doing.ts";
import { type Incident, INCIDENTS } from "./questions.ts";
import { quiet } from "./words.ts";

const HOUR = 3_600_000;
const SNOOZES = [
  [1, "1 hour"],
  [4, "4 hours"],
  [24, "1 day"],
  [168, "1 week"],
] as const;

export function Acts({ of }: { of: Incident }) {
  const { search } = usePlace();
  const doing = useDoing();
  const say = (changes: object) => doing.run(() => send("PATCH", `${INCIDENTS}/${of.id}`, {}, changes));
  const still = quiet(of, Date.now());
  return (
    <>
      <Group gap={8} role="group" aria-label="What to do about it">
        {of.status === "open" && (
          <Button size="compact-sm" mih={26} loading={doing.busy} onClick={() => say({ status: "acknowledged" })}>
            Acknowledge
          </Button>
        )}
        {still === "snoozed" ? (
          <Button size="compact-sm" mih={26} variant="default" onClick={() => say({ snoozed_until: null })}>
            Wake up
          </Button>
        ) : (
          <Menu>
            <Menu.Target>
              <Button size="compact-sm" mih={26} variant="default">
                Snooze
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {SNOOZES.map(([hours, title]) => (
                <Menu.Item
                  key={hours}
                  onClick={() => say({ snoozed_until: new Date(Date.now() + hours * HOUR).toISOString() })}
                >
                  For {title}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )}
        <Button size="compact-sm" mih={26} variant="default" onClick={() => say({ expected: !of.expected_at })}>
          {of.expected_at ? "Not expected after all" : "Expected"}
        </Button>
        <span className="muted" role="status">
          {still === "snoozed" && of.snoozed_until
            ? `Nobody is told until ${moment(of.snoozed_until, zoneOf(search), false)}.`
            : of.expected_at
              ? `Expected, says ${of.expected_by ?? "somebody"}: nobody is told, and its time is no part of what is usual.`
              : ""}
        </span>
      </Group>
      {doing.error && <Failure error={doing.error} />}
    </>
  );
}
