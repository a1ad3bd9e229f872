/** What the pages about annotation ask. */
import type { Schemas } from "../../api/client.ts";
import { question } from "../../api/questions.ts";

export type Queue = Schemas["QueueShown"];
export type Item = Schemas["QueueItemShown"];
export type Config = Schemas["ScoreConfigShown"];

export const QUEUES = "/api/v1/annotation-queues";
export const CONFIGS = "/api/v1/score-configs";
export const SCORES = "/api/v1/scores";

export const queues = () => question<Schemas["QueueList"]>(QUEUES, { limit: "100" });
export const queue = (id: string) => question<Schemas["QueueWithProgress"]>(`${QUEUES}/${encodeURIComponent(id)}`);
export const configs = () => question<Schemas["ScoreConfigList"]>(CONFIGS, { limit: "100" });
/** Of a status, or all; the oldest first. */
export const items = (id: string, status: string) =>
  question<Schemas["QueueItemList"]>(`${QUEUES}/${encodeURIComponent(id)}/items`, {
    limit: "50",
    ...(status ? { status } : {}),
  });
