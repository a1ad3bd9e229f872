/** Ids in the order of a list, and one of them, in; what stands before and after it, out. */

export interface Near {
  before: string | null;
  after: string | null;
}

export function beside(ids: readonly string[], id: string): Near | null {
  const at = ids.indexOf(id);
  return at < 0 ? null : { before: ids[at - 1] ?? null, after: ids[at + 1] ?? null };
}
