/** Whether budgets only observe in; the button that changes it, which asks for a reason, out. */
import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { send } from "../../api/client.ts";
import { Failure } from "../../ui/Panel.tsx";
import { useDoing } from "../../ui/doing.ts";
import { Form } from "../../ui/Form.tsx";
import { PATH } from "./questions.ts";

const PAUSE = "Nothing is stopped any more because of any budget of the project, until somebody ends that.";

export function ObserveOnlySwitch({ on }: { on: boolean }) {
  const doing = useDoing();
  const [asking, setAsking] = useState(false);
  const [why, setWhy] = useState("");
  if (on) {
    return (
      <>
        <Button
          size="compact-sm"
          mih={26}
          variant="default"
          loading={doing.busy}
          onClick={() => doing.run(() => send("DELETE", `${PATH}/observe-only`))}
        >
          Enforce again
        </Button>
        {doing.error && <Failure error={doing.error} />}
      </>
    );
  }
  return (
    <>
      <Button size="compact-sm" mih={26} variant="default" onClick={() => setAsking(true)}>
        Observe only
      </Button>
      {asking && (
        <Form
          title="Only observe?"
          save={() =>
            doing.run(
              () => send("PUT", `${PATH}/observe-only`, {}, { why }),
              () => setAsking(false),
            )
          }
          saveTitle="Observe only"
          close={() => setAsking(false)}
          doing={doing}
          wrong={!why.trim()}
        >
          <p style={{ margin: 0 }}>{PAUSE}</p>
          <TextInput
            label="Why"
            description="Everybody who looks at a budget sees it"
            required
            data-autofocus
            value={why}
            onChange={(e) => setWhy(e.currentTarget.value)}
          />
        </Form>
      )}
    </>
  );
}
