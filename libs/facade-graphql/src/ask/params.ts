/** One operation as a client sends it, untrusted. */
export type Params = {
  readonly query?: unknown;
  readonly operationName?: unknown;
  readonly variables?: unknown;
  readonly extensions?: unknown;
};
