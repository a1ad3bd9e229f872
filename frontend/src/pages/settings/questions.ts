/** What the settings ask: projects, keys, how taking in goes, what was refused. */
import type { Schemas } from "../../api/client.ts";
import { question } from "../../api/questions.ts";

export type Key = Schemas["KeyShown"];
export type Made = Schemas["KeyCreated"];

export const keys = () => question<Schemas["KeyList"]>("/api/v1/keys");
export const retention = () => question<Schemas["Retained"]>("/api/v1/retention");
export const projects = () => question<Schemas["ProjectInfos"]>("/api/v1/projects");
export const health = () => ({
  ...question<Schemas["IngestHealth"]>("/api/v1/ingest/health"),
  refetchInterval: 5_000,
});
export const ALLOWANCE = "/api/v1/allowance";
export const allowance = () => question<Schemas["AllowanceStanding"]>(ALLOWANCE);
export const quarantine = (cursor: string) =>
  question<Schemas["Items"]>("/api/v1/quarantine", { limit: "50", ...(cursor ? { cursor } : {}) });
