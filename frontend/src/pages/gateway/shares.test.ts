/** Shares are of those who compete. */
import { expect, it } from "vitest";
import type { Rollout } from "./questions.ts";
import { groupsOf } from "./shares.ts";

const rollout = (id: string, more: Partial<Rollout>): Rollout => ({
  id,
  name: "",
  config: "support",
  variant: id,
  environment: null,
  version: null,
  weight: 1,
  priority: 0,
  conditions: null,
  enabled: true,
  created_at: "",
  updated_at: "",
  ...more,
});

it("adds up within config, environment and priority", () => {
  const found = groupsOf([
    rollout("a", { weight: 900, environment: "production" }),
    rollout("b", { weight: 100, environment: "production" }),
    rollout("off", { weight: 500, environment: "production", enabled: false }),
    rollout("c", { priority: 5 }),
    rollout("d", { weight: 0 }),
  ]);
  expect(found.map((one) => [one.environment, one.priority, one.shares.map((share) => share.share)])).toEqual([
    ["production", 0, [0.9, 0.1, 0]],
    [null, 5, [1]],
    [null, 0, [0]],
  ]);
});
