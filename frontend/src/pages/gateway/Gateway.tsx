/** The gateway, a part per address: providers, configs, environments, rollouts, what keys may, a playground. */
import { Tabs } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { usePlace } from "../../app/place.ts";
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
  const { go } = usePlace();
  const chosen = config ? "configs" : (part ?? "providers");
  return (
    <Page title="Gateway">
      <Tabs miw={0} value={chosen} onChange={(name) => go(`/gateway/${name}`)} keepMounted={false}>
        <Tabs.List mb="sm">
          {PARTS.map(([name, title]) => (
            <Tabs.Tab key={name} value={name}>
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {PARTS.map(([name, , Part]) => (
          <Tabs.Panel key={name} value={name}>
            <Part />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}

function ConfigsPart() {
  const { config, variant } = useWhere();
  if (config && variant) return <Variant key={`${config}/${variant}`} config={config} slug={variant} />;
  if (config) return <Config key={config} slug={config} />;
  return <Configs />;
}
