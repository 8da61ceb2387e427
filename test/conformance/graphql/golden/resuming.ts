export type Request = { readonly query: string; readonly variables?: Record<string, unknown> };
export type Result = { readonly data?: Readonly<Record<string, { readonly resourceVersion?: string } | null>> | null };
export type Sink = { readonly next: (result: Result) => void; readonly error: (failure: unknown) => void; readonly complete: () => void };
export type Subscribe = (request: Request, sink: Sink) => () => void;

/**
 * Subscriptions of graphql-ws or graphql-sse that go on where they were when a connection was lost: both send the same request again, and here it
 * says from where. The document declares `$from: String`, passes it as `resourceVersion`, and selects `resourceVersion`.
 */
export function resuming(subscribe: Subscribe): Subscribe {
  return ({ query, variables }, sink) => {
    const request = { query, variables: { ...variables } };
    const next = (result: Result): void => {
      const [event] = Object.values(result.data ?? {});
      if (event?.resourceVersion !== undefined) request.variables['from'] = event.resourceVersion;
      sink.next(result);
    };
    return subscribe(request, { ...sink, next });
  };
}
