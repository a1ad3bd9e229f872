/** A request of the playground in; the answer as it comes, what it costs so far, and its place in the ledger, out. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { address, chosenProject, Problem, type Schemas, send } from "../../api/client.ts";
import { HEADERS } from "../../api/early.ts";
import { calls } from "../../api/questions.ts";
import { bodyOf, headersOf, type Wanted } from "./asked.ts";
import { PATH } from "./questions.ts";
import { guessed, isWhole, NOTHING, priced, read, requestOf, type Said, type Usage } from "./streaming.ts";

export interface Trial {
  busy: boolean;
  said: Said;
  usage: Usage | null;
  /** Whether the usage is the provider's, not a guess. */
  told: boolean;
  /** At today's prices; null while nobody knows. */
  cost: Schemas["Explained"] | null;
  firstMs: number | null;
  totalMs: number | null;
  request: { trace: string; id: string } | null;
  error: Error | null;
}

const IDLE: Trial = {
  busy: false,
  said: NOTHING,
  usage: null,
  told: false,
  cost: null,
  firstMs: null,
  totalMs: null,
  request: null,
  error: null,
};

const PRICE_EVERY_MS = 500;
const LOOK_EVERY_MS = 1500;

export function useTrial() {
  const [trial, setTrial] = useState<Trial>(IDLE);
  const under = useRef<AbortController | null>(null);
  useEffect(() => () => under.current?.abort(), []);
  const stop = () => under.current?.abort();
  const start = async (wanted: Wanted) => {
    stop();
    const way = new AbortController();
    under.current = way;
    const put = (changes: Partial<Trial>) => {
      if (under.current === way) setTrial((now) => ({ ...now, ...changes }));
    };
    setTrial({ ...IDLE, busy: true });
    const began = performance.now();
    let asked = 0;
    const price = (usage: Usage, model: string) => {
      asked = performance.now();
      const told = {
        model: wanted.model.replace(/^@[^/]+\//, "") || model,
        response_model: model,
        usage: priced(usage),
      };
      send<Schemas["Explained"]>("POST", "/api/v1/prices/explain", {}, told, way.signal)
        .then((cost) => put({ cost }))
        .catch(() => undefined); // the ledger tells it in the end
    };
    let firstMs: number | null = null;
    let last = NOTHING;
    const heard = (said: Said) => {
      last = said;
      if (said.text) firstMs ??= performance.now() - began;
      const told = isWhole(said.usage);
      const usage = told ? (said.usage as Usage) : guessed(wanted.system + wanted.message, said);
      put({ said, usage, told, firstMs, totalMs: performance.now() - began });
      if (told || performance.now() - asked > PRICE_EVERY_MS) price(usage, said.model);
    };
    try {
      const answer = await fetch(address(`${PATH}/playground/${wanted.form}`), {
        method: "POST",
        credentials: "same-origin",
        headers: {
          ...HEADERS,
          ...headersOf(wanted),
          ...(chosenProject() ? { "X-Farthing-Project": chosenProject() } : {}),
        },
        body: JSON.stringify(bodyOf(wanted)),
        signal: way.signal,
      });
      put({ request: requestOf(answer.headers.get("traceparent")) });
      if (!answer.ok) throw await refusal(answer);
      last = await read(answer, wanted.form, heard);
      const why = last.error || (last.finish ? "" : "The answer ended before the provider said that it was whole.");
      if (why) throw new Problem(answer.status, "The provider broke off", why);
    } catch (failed) {
      if (!way.signal.aborted) put({ error: failed instanceof Problem ? failed : brokenOff(failed) });
    }
    put({ busy: false, totalMs: performance.now() - began });
  };
  return { trial, start, stop };
}

/** Browsers have words of their own for it, each others: "network error", "Load failed". */
function brokenOff(failed: unknown): Problem {
  const why = failed instanceof Error ? ` (${failed.message})` : "";
  return new Problem(0, "The connection broke off", `It ended before the answer did${why}.`);
}

/** In the shape of either provider's errors, or a problem of the API. */
async function refusal(answer: Response): Promise<Problem> {
  const id = answer.headers.get("x-farthing-request-id") ?? "";
  const told = (await answer.json().catch(() => ({}))) as { error?: { message?: string } | string; detail?: string };
  const said = typeof told.error === "string" ? told.error : told.error?.message;
  return new Problem(answer.status, "Refused", said ?? told.detail ?? answer.statusText, "", id);
}

/** The request as it is kept, once it is. */
export function useKept(trial: Trial) {
  const trace = trial.request?.trace ?? "";
  return useQuery({
    ...calls({ from: "now-1h", q: trace, limit: "1" }),
    placeholderData: undefined,
    enabled: trace !== "" && !trial.busy && trial.said !== NOTHING,
    refetchInterval: (query: { state: { data?: Schemas["Calls"] | undefined } }) =>
      query.state.data?.data.length ? false : LOOK_EVERY_MS,
  }).data?.data[0];
}
