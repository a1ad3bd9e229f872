/** The groups of a score in; which of them are good, chosen, and what a good answer costs, out. */
import { MultiSelect } from "@mantine/core";
import { usePlace } from "../../app/place.ts";
import { cellMoney, count, exactMoney } from "../../format.ts";
import { all } from "../../url.ts";
import { goodAnswers, usuallyGood } from "./good.ts";
import { type Row, sorted } from "./rows.ts";

export function GoodAnswers({ of, score }: { of: readonly Row[]; score: string }) {
  const { search, change } = usePlace();
  const values = sorted(of, "name").flatMap((row) => row.values?.[0] ?? []);
  const told = all(search, "good");
  const chosen = (told.length ? told : usuallyGood(of)).filter((one) => values.includes(one));
  const found = goodAnswers(of, chosen);
  if (!values.length) return <p className="muted">Nobody judged a request of this range by {score.slice(6)}.</p>;
  const left = [
    found.unjudged ? `${count(found.unjudged)} that nobody judged` : "",
    found.unknown ? `${count(found.unknown)} whose cost nobody knows` : "",
  ].filter(Boolean);
  return (
    <section className="good-answers" aria-label="Cost per good answer">
      <MultiSelect
        size="xs"
        label="Good is"
        placeholder={chosen.length ? "" : "choose values"}
        data={values}
        value={chosen}
        onChange={(good) => change((now) => ({ ...now, good: good.length ? good : [""] }), { replace: true })}
      />
      <div>
        <div className="muted">Cost per good answer</div>
        <strong className="num" title={exactMoney(found.oneGood)}>
          {cellMoney(found.oneGood)}
        </strong>
      </div>
      <p className="muted">
        {exactMoney(found.cost)} for {count(found.judged)} judged requests, {count(found.good)} of them good
        {left.length > 0 && `; without ${left.join(" and ")}`}
      </p>
    </section>
  );
}
