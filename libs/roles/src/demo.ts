import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runHttpBinProvider } from '#demo-httpbin';
import { decodeBody, type KubeObject } from '#kube';
import { keptClock, type ProviderChannel } from '#provider-sdk';
import type { Logger } from '#telemetry';
import type { Author, House, Workspace } from '#workspace';

const demoProviderPath = 'root:providers:httpbin';

export type DemoOptions = {
  readonly house: House;
  /** The YAML files of what the demo provider offers. */
  readonly manifestFolder: string;
  /** Absent where the provider runs elsewhere and is reached over Kafka. */
  readonly channel: ProviderChannel | undefined;
  /** Where the provider keeps how far it has counted its reports. */
  readonly sequenceFile: string;
  readonly logger: Logger;
};

/** A provider to try the mesh with: its workspace, its offer, and (without brokers) the provider itself. */
export async function startDemo({
  house,
  manifestFolder,
  channel,
  sequenceFile,
  logger,
}: DemoOptions): Promise<{ readonly stop: () => Promise<void> }> {
  await publishOffer(house, manifestFolder);
  if (!channel) return { stop: () => Promise.resolve() };
  const provider = runHttpBinProvider({ channel, logger, nextSequence: await keptClock({ file: sequenceFile, logger }) });
  return { stop: () => provider.stop() };
}

const author: Author = {
  user: 'system:tributary',
  groups: ['system:masters'],
  userAgent: 'tributary',
  fieldManager: 'tributary-demo',
  cause: 'demo',
};

async function publishOffer(house: House, manifestFolder: string): Promise<void> {
  const providers = await opened(house, 'root:providers');
  const account = {
    apiVersion: 'core.platform-mesh.io/v1alpha1',
    kind: 'Account',
    metadata: { name: 'httpbin' },
    spec: { type: 'account', displayName: 'HttpBin' },
  };
  await apply(providers, account);
  const workspace = await opened(house, demoProviderPath);
  const files = (await readdir(manifestFolder)).filter((file) => file.endsWith('.yaml')).sort();
  for (const file of files) await apply(workspace, await readManifest(join(manifestFolder, file)));
}

/** Waits for the policy to have opened it. */
async function opened(house: House, path: string): Promise<Workspace> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const workspace = await house.open(path);
    if (workspace) return workspace;
    if (performance.now() > deadline) throw new Error(`workspace ${path} was not opened within 10 s`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function readManifest(file: string): Promise<KubeObject> {
  const decoded = decodeBody(await readFile(file), 'application/yaml');
  if (decoded.type === 'malformed') throw new Error(`${file}: ${decoded.message}`);
  return decoded.value as unknown as KubeObject;
}

/** Creates what is missing; what is there from an earlier start stays as it is. */
async function apply(workspace: Workspace, body: KubeObject): Promise<void> {
  const kind = workspace.served().find((known) => known.kind === body.kind && body.apiVersion.startsWith(known.group));
  if (!kind) throw new Error(`${workspace.path} serves no ${body.kind}`);
  const version = body.apiVersion.slice(body.apiVersion.indexOf('/') + 1);
  const outcome = await workspace.create({
    kind,
    version,
    namespace: '',
    author,
    dryRun: false,
    fieldValidation: 'Strict',
    body,
    duplicateFields: [],
  });
  if (outcome.type === 'refused' && outcome.refusal.type !== 'ResourceExists') {
    throw new Error(`the demo's ${body.kind} ${body.metadata.name} was refused: ${JSON.stringify(outcome.refusal)}`);
  }
}
