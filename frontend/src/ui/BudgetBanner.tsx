/** Budgets in; on pages whose calls they count, which of them warn or are used up, until somebody has seen it, out. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Schemas } from "../api/client.ts";
import { question } from "../api/questions.ts";
import { usePlace } from "../app/place.ts";
import { money, percent, approximate } from "../format.ts";
import { RowButton } from "./RowButton.tsx";
import { counts } from "./counting.ts";
import "./banner.css";

type Budget = Schemas["BudgetShown"];

const KEPT = "farthing.seen-budgets";
const SHOWN = 2;

/** Seen is seen for the period, and for as bad as it was. */
function mark(of: Budget): string {
  return `${of.id} ${of.period === "rolling" ? "" : of.period_start} ${of.status}`;
}

function seen(): string[] {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "[]") as string[];
  } catch {
    return [];
  }
}

export function BudgetBanner() {
  const { path, search } = usePlace();
  const [hidden, setHidden] = useState(seen);
  const answer = useQuery({ ...question<Schemas["BudgetList"]>("/api/v1/budgets"), staleTime: 30_000 });
  if (path.startsWith("/budgets") || path.startsWith("/settings")) return null;
  const found = (answer.data?.data ?? [])
    .filter((one) => one.status !== "ok" && !hidden.includes(mark(one)) && counts(one, search))
    .sort((a, b) => Number(b.status === "exceeded") - Number(a.status === "exceeded"));
  if (!found.length) return null;
  const dismiss = () => {
    const next = [...hidden, ...found.map(mark)].slice(-200);
    localStorage.setItem(KEPT, JSON.stringify(next));
    setHidden(next);
  };
  const worst = found.some((one) => one.status === "exceeded");
  return (
    <aside className={worst ? "notice error banner" : "notice banner"} role="status" aria-label="Budgets">
      <span>
        {found.slice(0, SHOWN).map((one) => (
          <span key={one.id} style={{ marginRight: 12 }}>
            {one.status === "exceeded" ? "■ Budget exceeded: " : "▲ Budget warning: "}
            <Link to={`/budgets/${one.id}` as never}>{one.name}</Link> {money(one.counted_usd)} of{" "}
            {money(one.limit_usd)} ({percent(approximate(one.counted_usd) / approximate(one.limit_usd))})
          </span>
        ))}
        {found.length > SHOWN && <Link to={"/budgets" as never}>and {found.length - SHOWN} more</Link>}
      </span>
      <RowButton variant="default" style={{ flex: "none" }} onClick={dismiss}>
        Seen
      </RowButton>
    </aside>
  );
}
