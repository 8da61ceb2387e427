import type { SpanProcessor } from '@opentelemetry/sdk-trace-node';
import { traceHops } from './hop.ts';

/** `stop` sends what is still held back. Call it once, at the end. */
export type Tracing = { stop(): Promise<void> };

export type TracingOptions = {
  readonly serviceName: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
};

/**
 * Sends spans to the collector of OTEL_EXPORTER_OTLP_ENDPOINT (OTLP over HTTP; the exporter's other variables hold, too).
 * Without that variable nothing is loaded and nothing is traced.
 */
export async function startTracing({ serviceName, env = process.env }: TracingOptions): Promise<Tracing> {
  if (!env['OTEL_EXPORTER_OTLP_ENDPOINT'] && !env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) return { stop: () => Promise.resolve() };
  const [{ OTLPTraceExporter }, { BatchSpanProcessor }] = await Promise.all([
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/sdk-trace-node'),
  ]);
  return traceInto(new BatchSpanProcessor(new OTLPTraceExporter()), serviceName);
}

export async function traceInto(processor: SpanProcessor, serviceName: string): Promise<Tracing> {
  const [{ NodeTracerProvider }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/resources'),
  ]);
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    spanProcessors: [processor],
  });
  provider.register();
  traceHops(provider.getTracer('tributary'));
  return {
    async stop() {
      traceHops(undefined);
      await provider.shutdown();
    },
  };
}
