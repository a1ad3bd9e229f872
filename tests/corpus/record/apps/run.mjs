// Which module of cases, and which of them, in; each run between its begin and end at the receiver, its spans flushed, out.
import http from "node:http";
import { trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

const [instrument, modules, only, skip] = process.argv.slice(2);

const tell = (path, said = {}) =>
  new Promise((resolve) => {
    const request = http.request(process.env.RECEIVER_URL + path, { method: "POST" }, (answer) => {
      answer.resume();
      answer.on("end", resolve);
    });
    const body = Buffer.from(JSON.stringify(said));
    request.setHeader("Content-Length", body.length);
    request.setHeader("Content-Type", "application/json");
    request.end(body);
  });

const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ "service.name": "shop" }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: process.env.RECEIVER_URL + "/v1/traces" }))],
});
provider.register();
if (instrument) await (await import(`./${instrument}.mjs`)).instrument(provider);
for (const module of modules.split(",")) {
  for (const [name, run] of Object.entries(await import(`./${module}.mjs`))) {
    if ((only && !only.split(",").includes(name)) || skip.split(",").includes(name)) continue;
    await tell(`/case/${name}/begin`);
    let app = {};
    try {
      app = (await run(trace.getTracer("shop"))) ?? {};
    } catch (error) {
      app = { raised: error.name };
      if (!name.includes("429")) console.error(name, error);
    }
    await provider.forceFlush();
    await tell(`/case/${name}/end`, app);
  }
}
process.exit(0);
