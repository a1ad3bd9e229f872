// The AI SDK's OpenTelemetry integration registered for all calls.
import * as ai from "ai";
import * as otel from "@ai-sdk/otel";

export function instrument() {
  const make = otel.OpenTelemetry ?? otel.OpenTelemetryIntegration;
  (ai.registerTelemetry ?? ai.registerTelemetryIntegration)(new make());
}
