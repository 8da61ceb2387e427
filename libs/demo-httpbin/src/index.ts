export { httpBinExport, runHttpBinProvider, type HttpBinProviderOptions } from './run-http-bin-provider.ts';
