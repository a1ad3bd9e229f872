/** One rule, or a new one that begins as a preset: its form, and what it would have fired on. */
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { usePlace } from "../../app/place.ts";
import { Page } from "../../app/Shell.tsx";
import { Failure } from "../../ui/Panel.tsx";
import { first } from "../../url.ts";
import "../budgets/budgets.css";
import "../pricing/pricing.css";
import "./alerts.css";
import { presetList, rule } from "./questions.ts";
import { RuleForm } from "./RuleForm.tsx";

export function RulePage() {
  const { id } = useParams({ strict: false }) as { id: string };
  return id === "new" ? <New /> : <Held key={id} id={id} />;
}

function New() {
  const { search } = usePlace();
  const preset = first(search, "preset");
  const answer = useQuery({ ...presetList(), enabled: preset !== undefined });
  const found = answer.data?.data.find((one) => one.name === preset);
  return (
    <Page title="New rule">
      <Back />
      {preset === undefined || answer.data ? (
        <RuleForm key={preset} id={null} of={found?.rule ?? {}} />
      ) : (
        answer.error && <Failure error={answer.error} />
      )}
    </Page>
  );
}

function Held({ id }: { id: string }) {
  const answer = useQuery(rule(id));
  return (
    <Page title={answer.data?.name ?? "Rule"}>
      <Back />
      {answer.data ? (
        <RuleForm id={answer.data.id} of={answer.data} />
      ) : (
        answer.error && <Failure error={answer.error} />
      )}
    </Page>
  );
}

function Back() {
  return (
    <p className="crumbs">
      <Link to={"/alerts/rules" as never}>← All rules</Link>
    </p>
  );
}
