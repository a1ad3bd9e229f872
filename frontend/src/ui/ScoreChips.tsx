/** Scores in; each as a chip that says whose it is and leads to what was judged alike, out. */
import { Link } from "@tanstack/react-router";
import { usePlace } from "../app/place.ts";
import { carried, withFilter } from "../url.ts";
import { likeScore, saidBy, type Score } from "./scores.ts";

/** A trace of thousands of spans may have as many scores. */
const MOST_SHOWN = 12;

interface ScoreChipsProps {
  of: readonly Score[];
  /** The span that is looked at; without one, scores of any span say that they are of a span. */
  own?: string;
}

export function ScoreChips({ of, own }: ScoreChipsProps) {
  const { search, path } = usePlace();
  if (!of.length) return <p className="muted small">Nobody has judged it.</p>;
  // Traces first: a score of the whole says most.
  const shown = [...of].sort((a, b) => Number(a.span_id !== null) - Number(b.span_id !== null)).slice(0, MOST_SHOWN);
  const list = path.startsWith("/traces") ? "/traces" : "/requests";
  return (
    <ul className="scores" aria-label="Scores">
      {shown.map((score) => {
        const like = likeScore(score);
        const whose = score.span_id === null ? "the trace" : score.span_id === own ? "this call" : "a span";
        const hint = [`of ${whose}`, score.explanation, score.time, like ? "Click: what was judged alike" : ""]
          .filter(Boolean)
          .join("\n");
        const words = (
          <>
            {score.name} <strong>{saidBy(score)}</strong>
            {score.span_id === null && own ? <span className="muted"> of the trace</span> : null}
            {score.span_id !== null && !own ? <span className="muted"> of a span</span> : null}
          </>
        );
        return (
          <li key={score.id} title={hint}>
            {like ? (
              <Link to={list as never} search={withFilter(carried(search), ...like) as never}>
                {words}
              </Link>
            ) : (
              words
            )}
          </li>
        );
      })}
      {of.length > MOST_SHOWN && <li className="muted">and {of.length - MOST_SHOWN} more</li>}
    </ul>
  );
}
