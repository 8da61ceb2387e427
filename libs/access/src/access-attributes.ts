/** What is asked for, in the terms of Kubernetes authorization. `group` and `namespace` are '' for the core group and the cluster scope. */
export type AccessAttributes =
  | {
      readonly verb: string;
      readonly group: string;
      readonly resource: string;
      readonly subresource?: string;
      readonly namespace: string;
      readonly name: string;
    }
  | { readonly verb: string; readonly nonResourcePath: string };
