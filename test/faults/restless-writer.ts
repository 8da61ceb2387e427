import { type Served } from '../servers/tributary-client.ts';
import type { Storm } from './storm.ts';

/** Creates, changes and deletes objects as fast as they are acknowledged, and looks after every cut whether what was acknowledged is there. */
export async function writeRestlessly(storm: Storm, sender: string, workspace: string): Promise<void> {
  const collection = `/clusters/${workspace}/apis/ui.platform-mesh.io/v1alpha1/providermetadatas`;
  for (let count = 1; !storm.isOver; count += 1) {
    const name = `${sender}-${count}`;
    let known = await create(storm, sender, { collection, name });
    for (let change = 1; change <= 3 && known; change += 1) known = await revise(storm, sender, { collection, known, change });
    if (known && count % 2 === 0) await remove(storm, sender, { collection, known });
  }
}

type Place = { readonly collection: string };

async function create(storm: Storm, sender: string, { collection, name }: Place & { readonly name: string }): Promise<Served | undefined> {
  const body = {
    apiVersion: 'ui.platform-mesh.io/v1alpha1',
    kind: 'ProviderMetadata',
    metadata: { name },
    spec: { displayName: 'change 0' },
  };
  const answer = await storm.attempt(sender, 'POST', collection, { body });
  if (answer === undefined) return storm.read(`${collection}/${name}`);
  if (answer.code !== 201) throw new Error(`creating ${name} was refused: ${answer.text}`);
  return JSON.parse(answer.text) as Served;
}

/** By PUT against the resourceVersion that is known, or by merge patch against whatever stands there. */
async function revise(
  storm: Storm,
  sender: string,
  { collection, known, change }: Place & { readonly known: Served; readonly change: number },
): Promise<Served> {
  const path = `${collection}/${known.metadata.name}`;
  const spec = { displayName: `change ${change}` };
  const isPatch = change === 2;
  const answer = isPatch
    ? await storm.attempt(sender, 'PATCH', path, { body: { spec }, contentType: 'application/merge-patch+json' })
    : await storm.attempt(sender, 'PUT', path, { body: { ...known, spec } });
  if (answer?.code === 200) return JSON.parse(answer.text) as Served;
  // An earlier write whose answer was lost may have moved the object.
  if (answer !== undefined && answer.code !== 409) throw new Error(`changing ${path} was refused: ${answer.text}`);
  const found = await storm.read(path);
  if (!found || BigInt(found.metadata.resourceVersion) < BigInt(known.metadata.resourceVersion)) {
    throw new Error(`${path} was acknowledged at ${known.metadata.resourceVersion} and is lost: ${JSON.stringify(found)}`);
  }
  return found;
}

async function remove(storm: Storm, sender: string, { collection, known }: Place & { readonly known: Served }): Promise<void> {
  const path = `${collection}/${known.metadata.name}`;
  const answer = await storm.attempt(sender, 'DELETE', path);
  if (answer === undefined) return;
  if (answer.code !== 200) throw new Error(`deleting ${path} was refused: ${answer.text}`);
  if (await storm.read(path)) throw new Error(`${path} is there after its deletion was acknowledged`);
}
