/** A budget in; what people said it is to count more or less, each with its reason; and a form for one more, out. */
import { TextInput } from "@mantine/core";
import { useState } from "react";
import { send } from "../../api/client.ts";
import { exactMoney, moment, money } from "../../format.ts";
import { Failure } from "../../ui/Panel.tsx";
import { useDoing } from "../../ui/doing.ts";
import { Form } from "../../ui/Form.tsx";
import { Actions, Add, Table } from "../../ui/Table.tsx";
import { type Budget, PATH } from "./questions.ts";

export function Corrections({ of }: { of: Budget }) {
  const doing = useDoing();
  const [correcting, setCorrecting] = useState(false);
  return (
    <section className="panel" aria-label="Corrections">
      <header>
        <h2>
          Corrections{" "}
          {of.corrections.length > 0 && (
            <span className="finding" title={exactMoney(of.corrected_usd)}>
              {money(of.corrected_usd)} in this period; the limit is held against {money(of.counted_usd)}
            </span>
          )}
        </h2>
        <Add title="Correct it" act={() => setCorrecting(true)} />
      </header>
      {doing.error && <Failure error={doing.error} />}
      {of.corrections.length ? (
        <Table label="Corrections" columns={["Counts at", ">Amount", "Why", "Who", ""]}>
          {of.corrections.map((one) => (
            <tr key={one.id}>
              <td className="num">
                <time dateTime={one.at}>{moment(one.at, of.timezone)}</time>
              </td>
              <td className="r" title={exactMoney(one.amount_usd)}>
                {money(one.amount_usd)}
              </td>
              <td>{one.why}</td>
              <td title={one.made_at}>{one.by}</td>
              <td>
                <Actions
                  of={`the correction of ${money(one.amount_usd)}`}
                  doing={doing}
                  remove={() => send("DELETE", `${PATH}/${of.id}/corrections/${one.id}`)}
                />
              </td>
            </tr>
          ))}
        </Table>
      ) : (
        <p className="muted">None: it counts what the ledger says. No call and no cost is touched by one.</p>
      )}
      {correcting && <Correct of={of} close={() => setCorrecting(false)} />}
    </section>
  );
}

function Correct({ of, close }: { of: Budget; close: () => void }) {
  const doing = useDoing();
  const [amount, setAmount] = useState("");
  const [why, setWhy] = useState("");
  const [at, setAt] = useState("");
  const isAmount = /^-?\d{1,12}(\.\d{1,12})?$/.test(amount) && /[1-9]/.test(amount);
  const save = () =>
    doing.run(
      () => send("POST", `${PATH}/${of.id}/corrections`, {}, { amount_usd: amount, why, at: at || null }),
      close,
    );
  return (
    <Form title={`Correct ${of.name}`} save={save} close={close} doing={doing} wrong={!isAmount || !why.trim()}>
      <TextInput
        label="Amount, US dollars"
        description="Negative gives some back: -12.50"
        required
        data-autofocus
        value={amount}
        error={amount !== "" && !isAmount && "Digits and a point, a minus in front: -12.50"}
        onChange={(e) => setAmount(e.currentTarget.value)}
      />
      <TextInput label="Why" required value={why} onChange={(e) => setWhy(e.currentTarget.value)} />
      <TextInput
        label={`Counts at, ${of.timezone}`}
        description="In the period that holds this moment; now where it is empty"
        type="datetime-local"
        value={at}
        onChange={(e) => setAt(e.currentTarget.value)}
      />
    </Form>
  );
}
