import { randomUUID } from 'node:crypto';
import { noRevision } from '#stream';
import type { House } from '#workspace';

/** Topics carry an export's name only, so the first provider to be bound under a name keeps it. Answers whether it is this one. */
export async function claimExportName(house: House, name: string, providerCluster: string): Promise<boolean> {
  const stream = `export-${name}`;
  const claim = {
    id: randomUUID(),
    type: 'ExportNameClaimed',
    data: JSON.stringify({ type: 'ExportNameClaimed', cluster: providerCluster }),
  };
  for await (const { data } of house.log.readStream(stream, 0n)) return ownerOf(data) === providerCluster;
  const result = await house.log.append(stream, noRevision, [claim]);
  return result.type === 'appended' ? true : claimExportName(house, name, providerCluster);
}

const ownerOf = (data: string): string => (JSON.parse(data) as { readonly cluster: string }).cluster;
