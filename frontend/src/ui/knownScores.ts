/** The server in; the scores it knows of, and what they are called, out. */
import type { Schemas } from "../api/client.ts";
import { question } from "../api/questions.ts";

/** The latest scores: names and labels are learnt from so many. */
export function latestScores() {
  return { ...question<Schemas["ScoreList"]>("/api/v1/scores", { limit: "1000" }), staleTime: 60_000 };
}

export function namesOf(list: Schemas["ScoreList"] | undefined): string[] {
  return [...new Set((list?.data ?? []).map((one) => one.name))].sort();
}
