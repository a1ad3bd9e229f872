/** The gateway, a part per address: providers, configs, environments, rollouts, what keys may, a playground. */
import { useParams } from "@tanstack/react-router";
import { Changes } from "../../ui/Changes.tsx";
import { Parts } from "../../ui/Parts.tsx";
import { Page } from "../../app/Shell.tsx";
import { Config } from "./Config.tsx";
import { Configs } from "./Configs.tsx";
import { Environments } from "./Environments.tsx";
import { Keys } from "./Keys.tsx";
import { Playground } from "./Playground.tsx";
import { Providers } from "./Providers.tsx";
import { Rollouts } from "./Rollouts.tsx";
import { Variant } from "./Variant.tsx";
import "../pricing/pricing.css";
import "./gateway.css";

const PARTS = [
  ["providers", "Providers", Providers],
  ["configs", "Configs", ConfigsPart],
  ["environments", "Environments", Environments],
  ["rollouts", "Rollouts", Rollouts],
  ["keys", "Keys", Keys],
  ["playground", "Playground", Playground],
  ["changes", "Changes", () => <Changes path="/api/v1/gateway/history" />],
] as const;

interface Where {
  part?: string;
  config?: string;
  variant?: string;
}

function useWhere(): Where {
  return useParams({ strict: false }) as Where;
}

export function Gateway() {
  const { part, config } = useWhere();
  const chosen = config ? "configs" : (part ?? "providers");
  return (
    <Page title="Gateway">
      <Parts under="/gateway" parts={PARTS} chosen={chosen} />
    </Page>
  );
}

function ConfigsPart() {
  const { config, variant } = useWhere();
  if (config && variant) return <Variant key={`${config}/${variant}`} config={config} slug={variant} />;
  if (config) return <Config key={config} slug={config} />;
  return <Configs />;
}
