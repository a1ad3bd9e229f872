/** The server's address and a key in; what to paste, per way of telling, out. */

export interface Snippet {
  id: string;
  name: string;
  language: string;
  text: string;
}

export function snippets(endpoint: string, key: string): Snippet[] {
  return [
    {
      id: "python",
      name: "Python, OpenTelemetry",
      language: "sh",
      text: `pip install opentelemetry-distro opentelemetry-exporter-otlp opentelemetry-instrumentation-openai-v2
export OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}
export OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer%20${key}"
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
opentelemetry-instrument python app.py`,
    },
    {
      id: "openlit",
      name: "OpenLIT",
      language: "python",
      text: `import openlit  # pip install openlit

openlit.init(
    otlp_endpoint="${endpoint}",
    otlp_headers="Authorization=Bearer%20${key}",
    application_name="my-app",
)`,
    },
    {
      id: "node",
      name: "Node",
      language: "sh",
      text: `npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node
export OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}
export OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer%20${key}"
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
node --require @opentelemetry/auto-instrumentations-node/register app.js`,
    },
    {
      id: "sdk",
      name: "Farthing's SDK",
      language: "python",
      text: `import farthing_sdk
from farthing_sdk.openai import wrap
from openai import OpenAI

farthing_sdk.init(endpoint="${endpoint}", api_key="${key}")
client = wrap(OpenAI())  # use it as before`,
    },
    {
      id: "curl",
      name: "curl",
      language: "sh",
      text: `curl ${endpoint}/v1/ingest/llm-request \\
  -H "X-API-Key: ${key}" -H "Content-Type: application/json" \\
  -d '{"externalRequestId": "hello-1", "provider": "openai", "model": "gpt-4o-mini",
       "endpointTag": "setup", "inputTokens": 1200, "outputTokens": 300,
       "latencyMs": 640, "status": "success"}'`,
    },
    {
      id: "langfuse",
      name: "Langfuse's SDK",
      language: "python",
      text: `import os

# Versions 3 and later send OpenTelemetry spans; they go to Farthing's address of the same path.
os.environ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = "${endpoint}/api/public/otel/v1/traces"
os.environ["OTEL_EXPORTER_OTLP_HEADERS"] = "Authorization=Bearer%20${key}"`,
    },
  ];
}
