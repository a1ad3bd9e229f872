/** A call under way, or over, in; what was answered so far, tokens and cost with what is only estimated marked, out. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { cellMoney, count, duration, exactMoney } from "../../format.ts";
import { Failure } from "../../ui/Panel.tsx";
import { type Trial, useKept } from "./trying.ts";

export function Answer({ of }: { of: Trial }) {
  return (
    <section className="panel stack" aria-label="Answer">
      <header>
        <h2>
          Answer <span className="finding">{of.said.model}</span>
        </h2>
      </header>
      {of.error && <Failure error={of.error} />}
      <Figures of={of} />
      <pre className="answered" tabIndex={0} aria-label="What was answered">
        {of.said.text || (
          <span className="muted">
            {of.busy ? "Waiting for the first token…" : of.totalMs === null ? "Nothing yet." : "Nothing came."}
          </span>
        )}
      </pre>
      <p className="sr-only" role="status">
        {of.busy ? "The answer is coming." : of.said.finish && !of.error ? "The answer is complete." : ""}
      </p>
    </section>
  );
}

function Figures({ of }: { of: Trial }) {
  const kept = useKept(of);
  const guess = of.told ? "" : "≈ ";
  const tokens = (value: number | undefined) => (value === undefined ? "—" : guess + count(value));
  return (
    <>
      <dl className="figures num">
        <Figure title="Cost">{kept ? <Exact cost={kept.cost_usd ?? null} /> : <SoFar of={of} />}</Figure>
        <Figure title="Input tokens">{kept ? count(kept.input_tokens) : tokens(of.usage?.input)}</Figure>
        <Figure title="Output tokens">{kept ? count(kept.output_tokens) : tokens(of.usage?.output)}</Figure>
        <Figure title="First token">{duration(of.firstMs)}</Figure>
        <Figure title="In all">{duration(of.totalMs)}</Figure>
      </dl>
      <p style={{ margin: 0, minHeight: 24 }} className="muted">
        {kept ? (
          <>
            In the ledger, {kept.cost_status}
            {kept.variant ? `, variant ${kept.variant}` : ""}:{" "}
            <Link to={`/requests/${kept.id}` as never}>the request</Link>
          </>
        ) : of.said.text || of.busy ? (
          of.told ? (
            "The provider's usage, at today's prices; the ledger has it in a moment."
          ) : (
            "Estimated until the provider tells its usage."
          )
        ) : (
          ""
        )}
      </p>
    </>
  );
}

function Figure({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Exact({ cost }: { cost: string | null }) {
  return <span title={exactMoney(cost)}>{cost === null ? "— no price" : cellMoney(cost)}</span>;
}

function SoFar({ of }: { of: Trial }) {
  if (!of.cost) return "—";
  const { cost_usd: cost } = of.cost;
  return cost === null ? (
    "— no price"
  ) : (
    <span title={`${exactMoney(cost)}, ${of.told ? "computed" : "estimated"}`}>≈ {cellMoney(cost)}</span>
  );
}
