/** What a consumer writes to order things, as YAML. */

export const account = (name: string, type: 'org' | 'account', displayName: string): string => `apiVersion: core.platform-mesh.io/v1alpha1
kind: Account
metadata:
  name: ${name}
spec:
  type: ${type}
  displayName: ${displayName}
`;

export const binding = `apiVersion: apis.kcp.io/v1alpha2
kind: APIBinding
metadata:
  name: httpbin
spec:
  reference:
    export:
      path: root:providers:httpbin
      name: orchestrate.platform-mesh.io
`;

export const httpBin = (name: string, region: string): string => `apiVersion: orchestrate.platform-mesh.io/v1alpha1
kind: HttpBin
metadata:
  name: ${name}
spec:
  region: ${region}
`;
