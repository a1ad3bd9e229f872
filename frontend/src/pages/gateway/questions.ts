/** What the gateway's pages ask: accounts, configs and their versions, environments, rollouts, limits of keys. */
import type { Schemas } from "../../api/client.ts";
import { question, spend } from "../../api/questions.ts";

export type Account = Schemas["AccountShown"];
export type Checked = Schemas["AccountChecked"];
export type Config = Schemas["ConfigShown"];
export type Variant = Schemas["VariantShown"];
export type Version = Schemas["VersionShown"];
export type Content = Omit<Schemas["VersionWanted"], "note">;
export type Guard = Schemas["Guard"];
export type Target = Schemas["farthing__api__gateway_schemas__Target"];
export type Difference = Schemas["FieldDifference"];
export type Environment = Schemas["EnvironmentShown"];
export type Rollout = Schemas["RolloutShown"];
export type Limit = Schemas["LimitShown"];

export const PATH = "/api/v1/gateway";
export const ACCOUNTS = `${PATH}/accounts`;
export const CONFIGS = `${PATH}/configs`;
export const ENVIRONMENTS = `${PATH}/environments`;
export const ROLLOUTS = `${PATH}/rollouts`;
export const LIMITS = `${PATH}/limits`;

export const REFUSED = `${PATH}/refused`;

export const variants = (config: string) => `${CONFIGS}/${encodeURIComponent(config)}/variants`;
export const variant = (config: string, slug: string) => `${variants(config)}/${encodeURIComponent(slug)}`;

export const accountList = () => question<Schemas["AccountList"]>(ACCOUNTS);
export const configList = () => question<Schemas["ConfigList"]>(CONFIGS);
export const variantList = (config: string) => question<Schemas["VariantList"]>(variants(config));
export const versionList = (config: string, slug: string) =>
  question<Schemas["VersionList"]>(`${variant(config, slug)}/versions`);
export const difference = (config: string, slug: string, from: number, to: number) =>
  question<Schemas["VersionDifference"]>(`${variant(config, slug)}/diff`, { from: String(from), to: String(to) });
export const environmentList = () => question<Schemas["EnvironmentList"]>(ENVIRONMENTS);
export const rolloutList = () => question<Schemas["RolloutList"]>(ROLLOUTS);
export const limitList = () => question<Schemas["LimitList"]>(LIMITS);

/** What all accounts offer; the server remembers it as long. */
export const modelList = () => ({
  ...question<Schemas["OfferedModels"]>(`${PATH}/models`),
  staleTime: 300_000,
  retry: false,
});
export const usedModels = () => ({
  ...spend({ from: "now-7d", by: "model", granularity: "none", limit: "12" }),
  staleTime: 60_000,
});
/** They are no calls, so that what tells of new calls does not tell of them. */
export const refusedList = () => ({
  ...question<Schemas["RefusedList"]>(REFUSED, { limit: "10" }),
  refetchInterval: 15_000,
});
