/** Rollouts in; those that compete with each other, with the share each has, out. */
import type { Rollout } from "./questions.ts";

export interface Share {
  of: Rollout;
  /** 0 to 1. */
  share: number;
}

export interface Group {
  config: string;
  /** null: all. */
  environment: string | null;
  priority: number;
  shares: Share[];
}

/** Of one config, environment and priority; the higher priority first. What is off has no share. */
export function groupsOf(all: readonly Rollout[]): Group[] {
  const groups = new Map<string, Group>();
  for (const of of all) {
    const name = JSON.stringify([of.config, of.environment, of.priority]);
    const group = groups.get(name) ?? {
      config: of.config,
      environment: of.environment,
      priority: of.priority,
      shares: [],
    };
    group.shares.push({ of, share: 0 });
    groups.set(name, group);
  }
  for (const group of groups.values()) {
    const weight = (of: Rollout) => (of.enabled ? of.weight : 0);
    const sum = group.shares.reduce((before, one) => before + weight(one.of), 0);
    for (const one of group.shares) one.share = sum ? weight(one.of) / sum : 0;
  }
  const place = (one: Group) => `${one.config}\n${one.environment ?? "\uffff"}`;
  return [...groups.values()].sort((one, other) =>
    place(one) < place(other) ? -1 : place(one) > place(other) ? 1 : other.priority - one.priority,
  );
}
