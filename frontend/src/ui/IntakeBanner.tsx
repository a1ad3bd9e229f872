/** The project's allowance and what was refused lately in; whether telemetry is paused or throttled, and until when, out. */
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { get, type Schemas } from "../api/client.ts";
import { usePlace } from "../app/place.ts";
import { count, moment } from "../format.ts";
import { zoneOf } from "../url.ts";
import { type Refused, throttled } from "./intake.ts";
import "./banner.css";

const LOOK_MS = 30_000;

interface State {
  allowance: Schemas["AllowanceStanding"] | null;
  told: number;
}

/** Asked on a clock of its own: what comes in live changes none of it. Who may not know is not bothered. */
function useIntake(): State {
  const [state, setState] = useState<State>({ allowance: null, told: 0 });
  const before = useRef<readonly Refused[] | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    const look = async () => {
      if (document.hidden) return;
      const [allowance, health] = await Promise.all([
        get<Schemas["AllowanceStanding"]>("/api/v1/allowance", {}, stop.signal),
        get<Schemas["IngestHealth"]>("/api/v1/ingest/health", {}, stop.signal),
      ]);
      setState({ allowance, told: before.current ? throttled(before.current, health.refused) : 0 });
      before.current = health.refused;
    };
    const looking = () => void look().catch(() => undefined);
    looking();
    const every = setInterval(looking, LOOK_MS);
    return () => {
      stop.abort();
      clearInterval(every);
    };
  }, []);
  return state;
}

export function IntakeBanner() {
  const { search } = usePlace();
  const { allowance, told } = useIntake();
  const spent = allowance?.remaining === 0;
  if (!spent && !told) return null;
  return (
    <aside className="notice error banner" role="status" aria-label="Taking in">
      <span>
        {spent && (
          <>
            ■ Ingestion paused until {moment(allowance.period_end, zoneOf(search), false)}: all{" "}
            {count(allowance.requests)} requests of the month are used. Your LLM calls continue.{" "}
            <Link to={"/settings/allowance" as never}>Raise the allowance</Link>
          </>
        )}
        {spent && told > 0 && " "}
        {told > 0 && (
          <>
            ▲ Telemetry throttled: {count(told)} requests were told to come again in the last {LOOK_MS / 1000} s.{" "}
            <Link to={"/settings/ingest" as never}>Ingest health</Link>
          </>
        )}
      </span>
    </aside>
  );
}
