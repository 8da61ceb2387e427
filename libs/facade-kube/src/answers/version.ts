/** https://pkg.go.dev/k8s.io/apimachinery/pkg/version#Info */
export type KubeVersion = {
  readonly major: string;
  readonly minor: string;
  readonly gitVersion: string;
  readonly gitCommit: string;
  readonly gitTreeState: string;
  readonly buildDate: string;
  readonly goVersion: string;
  readonly compiler: string;
  readonly platform: string;
};

/** What is known of the build. Empty where it is not. */
export type Build = { readonly release: string; readonly commit?: string; readonly treeState?: 'clean' | 'dirty'; readonly date?: string };

/** The Kubernetes version whose API is spoken; clients branch on it. */
const spoken = { major: '1', minor: '33' } as const;

/** `release` is Tributary's own semantic version. */
export function kubeVersion({ release, commit = '', treeState, date = '' }: Build): KubeVersion {
  return {
    ...spoken,
    gitVersion: `v${spoken.major}.${spoken.minor}.0+tributary-${release}`,
    gitCommit: commit,
    gitTreeState: treeState ?? '',
    buildDate: date,
    goVersion: `none (node ${process.version})`,
    compiler: 'v8',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}
