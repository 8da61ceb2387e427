export { hop, logHops, type HopFields } from './hop.ts';
export { openLineFile, type LineFile, type LineFileOptions } from './line-file.ts';
export { createLogger, logLevels, silentLogger, type Logger, type LoggerOptions, type LogLevel } from './logger.ts';
export { collectRuntimeMetrics, counter, gauge, histogram, metricsContentType, metricsText } from './metrics.ts';
export { startTracing, type Tracing, type TracingOptions } from './tracing.ts';
