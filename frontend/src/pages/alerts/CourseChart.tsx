/** An incident, its rule and filters in; what was measured before, during and after it, against limit or habit, out. */
import { useQuery } from "@tanstack/react-query";
import { asCurl } from "../../api/client.ts";
import { spend } from "../../api/questions.ts";
import { OverTime } from "../../charts/OverTime.tsx";
import { Panel } from "../../ui/Panel.tsx";
import type { Search } from "../../url.ts";
import { courseOf, drawing } from "./course.ts";
import type { Incident, Rule } from "./questions.ts";

interface CourseProps {
  of: Incident;
  rule: Rule | undefined;
  filters: Search;
}

export function CourseChart({ of, rule, filters }: CourseProps) {
  // To the minute: a question with a new end each time would never be the same.
  const now = Math.ceil(Date.now() / 60_000) * 60_000;
  const course = courseOf(of, rule, filters, now);
  const answer = useQuery({ ...spend(course?.asked ?? {}), enabled: course !== null });
  if (!course) return null;
  const title = course.measured.name.replace(/^./, (letter) => letter.toUpperCase());
  return (
    <Panel title={title} query={answer} height={280} curl={asCurl("/api/v1/spend", course.asked)}>
      {(data) => {
        const found = drawing(course, data, of, now);
        return (
          <OverTime
            title={title}
            over={found.over}
            unit={course.measured.unit}
            kind={course.window > 1 || !course.measured.adds ? "lined" : "stacked"}
            dimension="measure"
            group="incident"
            limit={course.limit}
            band={found.band}
            usual="the same hours of the 7 days before"
            spans={found.spans}
            legend={
              <span>
                <i className="span" /> the incident
              </span>
            }
          />
        );
      }}
    </Panel>
  );
}
