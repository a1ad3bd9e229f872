/** Where a version sends calls in; the same changed, out. */
import { Autocomplete, Button, NumberInput, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { RowButton } from "../../ui/RowButton.tsx";
import { accountList, type Content, type Target } from "./questions.ts";

interface TargetsProps {
  of: readonly Target[];
  strategy: Content["strategy"];
  change: (targets: Target[]) => void;
}

const ANY = { value: "", label: "wherever the model is found" };

export function Targets({ of, strategy, change }: TargetsProps) {
  const accounts = useQuery(accountList()).data?.data ?? [];
  const providers = [...new Set(accounts.map((one) => one.provider))];
  const put = (at: number, changes: Partial<Target>) =>
    change(of.map((one, index) => (index === at ? { ...one, ...changes } : one)));
  const told = (one: Target) => (one.account ? `@${one.account}` : one.provider);
  return (
    <fieldset className="plain-set stack">
      <legend>Asks</legend>
      {of.map((one, at) => {
        const data = [
          ANY,
          ...[...new Set([...providers, one.provider].filter(Boolean))].map((name) => ({ value: name, label: name })),
          ...[...new Set([...accounts.map((account) => account.slug), one.account].filter(Boolean))].map((name) => ({
            value: `@${name}`,
            label: `account @${name}`,
          })),
        ];
        return (
          <div className="row-of-target" key={at}>
            <Select
              label={at ? "else" : "At"}
              allowDeselect={false}
              data={data}
              value={told(one)}
              onChange={(value) =>
                put(at, {
                  account: value?.startsWith("@") ? value.slice(1) : "",
                  provider: value?.startsWith("@") ? "" : (value ?? ""),
                })
              }
            />
            <Autocomplete
              label="Model"
              placeholder="as the client asked"
              value={one.model}
              onChange={(model) => put(at, { model })}
            />
            {strategy === "balance" && (
              <NumberInput
                label="Weight"
                hideControls
                min={0}
                value={one.weight}
                onChange={(value) => put(at, { weight: Number(value) || 0 })}
              />
            )}
            {of.length > 1 && (
              <Button
                variant="subtle"
                color="gray"
                aria-label={`Take away target ${at + 1}`}
                onClick={() => change(of.filter((_, index) => index !== at))}
              >
                ✕
              </Button>
            )}
          </div>
        );
      })}
      <div>
        <RowButton
          variant="default"
          onClick={() => change([...of, { account: "", provider: "", model: "", weight: 1 }])}
        >
          Add a target
        </RowButton>
      </div>
    </fieldset>
  );
}
