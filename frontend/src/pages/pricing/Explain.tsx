/** A model, a usage, a moment and a tier in; what that costs, line by line, with the rate and source of each, out. */
import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type Schemas, send } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { exactMoney } from "../../format.ts";
import { LedgerLines } from "../../ui/LedgerLines.tsx";
import { Failure } from "../../ui/Panel.tsx";
import { Scrolled } from "../../ui/PlainTable.tsx";
import { first } from "../../url.ts";
import { PATH } from "./questions.ts";

type Explained = Schemas["Explained"];

const ABOUT = [
  ["provider", "Provider", "openai"],
  ["model", "Model", "gpt-4o"],
  ["at", "At", "now"],
  ["service_tier", "Tier", "standard"],
  ["region", "Region", ""],
] as const;

const USAGE = [
  ["input_tokens", "Input, cached included"],
  ["cached_input_tokens", "of it cached"],
  ["cache_write_tokens", "of it written to cache"],
  ["output_tokens", "Output, reasoning included"],
  ["reasoning_tokens", "of it reasoning"],
  ["web_searches", "Web searches"],
] as const;

export function Explain() {
  const { search, change } = usePlace();
  // All of it is in the address: an explanation can be sent to somebody.
  const field = (name: string) => first(search, `x_${name}`) ?? "";
  const asking = useMutation({
    mutationFn: () => {
      const about = Object.fromEntries(ABOUT.map(([name]) => [name, field(name)]).filter(([, value]) => value));
      const usage = Object.fromEntries(
        USAGE.map(([name]) => [name, field(name)] as const)
          .filter(([, value]) => value)
          .map(([name, value]) => [name, Number(value)]),
      );
      return send<Explained>("POST", `${PATH}/explain`, {}, { ...about, usage });
    },
  });
  const input = (name: string, label: string, hint: string, digits = false) => (
    <TextInput
      key={name}
      label={label}
      placeholder={hint}
      size="xs"
      inputMode={digits ? "numeric" : "text"}
      value={field(name)}
      onChange={(event) => {
        const value = event.currentTarget.value;
        const key = `x_${name}`;
        change(({ [key]: _, ...now }) => (value ? { ...now, [key]: digits ? value.replace(/\D/g, "") : value } : now), {
          replace: true,
        });
      }}
    />
  );
  return (
    <section className="panel stack" aria-label="Explain a cost">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          asking.mutate();
        }}
      >
        <div className="form-row">{ABOUT.map(([name, label, hint]) => input(name, label, hint))}</div>
        <div className="form-row">{USAGE.map(([name, label]) => input(name, label, "0", true))}</div>
        <div>
          <Button size="xs" type="submit" loading={asking.isPending} disabled={!field("model")}>
            Explain
          </Button>
        </div>
      </form>
      {asking.error && <Failure error={asking.error} />}
      {asking.data && <Answer of={asking.data} />}
    </section>
  );
}

function Answer({ of }: { of: Explained }) {
  const total = of.cost_usd === null ? "— no price" : exactMoney(of.cost_usd);
  return (
    <div className="stack" role="status">
      <p style={{ margin: 0 }}>
        <strong style={{ fontSize: 20 }}>{total}</strong> {of.cost_status}
        {of.matched_model && ` · priced as ${of.matched_model}`}
        {of.rule && ` · ${of.rule}`}
      </p>
      <Scrolled label="Lines of the cost">
        <LedgerLines
          lines={of.lines}
          sums={[{ title: "Total", text: total, exact: of.price_version ?? "", strong: true }]}
          wide
        />
      </Scrolled>
    </div>
  );
}
