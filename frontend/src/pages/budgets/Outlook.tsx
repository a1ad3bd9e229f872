/** A budget in; where its period will likely end, how likely it is used up, and when, out. */
import { useQuery } from "@tanstack/react-query";
import { asCurl } from "../../api/client.ts";
import { exactMoney, moment, money, percent } from "../../format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { Tile } from "../../ui/Tile.tsx";
import { type Ahead, type Budget, outlook, PATH } from "./questions.ts";

/** An estimate comes as a number of cents, and is none of the ledger's. */
function estimated(usd: number): string {
  return money(usd.toFixed(2));
}

export function Outlook({ of }: { of: Budget }) {
  const answer = useQuery(outlook(of.id));
  return (
    <Panel title="Outlook" query={answer} height={96} curl={asCurl(`${PATH}/${of.id}/outlook`)}>
      {(data) =>
        data.outlook ? (
          <Estimate
            of={data.outlook}
            isReached={of.status === "exceeded"}
            expected={data.expected_usd}
            zone={of.timezone}
          />
        ) : (
          <p className="muted">{data.why_not}</p>
        )
      }
    </Panel>
  );
}

interface EstimateProps {
  of: Ahead;
  isReached: boolean;
  expected: string | null;
  zone: string;
}

function Estimate({ of, isReached, expected, zone }: EstimateProps) {
  const day = (at: string) => moment(at, zone, false);
  const reaches = of.reaches_limit_at;
  return (
    <div className="grid tiles outlook">
      <Tile
        title="At its end"
        value={estimated(of.usd)}
        exact="In the middle of what is likely, from the habits and the level of the weeks before"
        sub={`four times in five ${estimated(of.low_usd)} – ${estimated(of.high_usd)}`}
      />
      <Tile
        title="Chance of exceeding"
        value={percent(of.chance_of_exceeding)}
        exact={String(of.chance_of_exceeding)}
        sub={of.chance_of_exceeding >= 0.5 ? "rather than not" : "rather not"}
      />
      <Tile
        title="Reaches the limit"
        value={isReached ? "it has" : reaches ? day(reaches) : "not in this period"}
        exact={isReached ? "It is used up" : (reaches ?? "Rather not before it ends")}
        sub={[of.earliest && `earliest ${day(of.earliest)}`, of.latest && `latest ${day(of.latest)}`]
          .filter(Boolean)
          .join(", ")}
      />
      <Tile
        title="Even pace by now"
        value={money(expected)}
        exact={exactMoney(expected)}
        sub="what a spend that never varies would be"
      />
    </div>
  );
}
