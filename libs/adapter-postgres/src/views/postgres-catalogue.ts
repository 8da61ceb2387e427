import type { DataSource } from 'typeorm';
import { parseJson } from '#json';
import type { KubeObject } from '#kube';
import { catalogueTable, workspacesTable } from '../schema/view-tables.ts';

/** An export of a provider, where it stands, and how it is presented. */
export type CatalogueOffer = { readonly providerPath: string; readonly apiExport: KubeObject; readonly providerMetadata: KubeObject };

/** The label of an APIExport that names the ProviderMetadata in its own workspace. */
const contentForLabel = 'ui.platform-mesh.io/content-for';

/** What all providers offer, from the views. */
export class PostgresCatalogue {
  readonly #dataSource: DataSource;
  #parsed = new Map<string, Parsed>();

  constructor(dataSource: DataSource) {
    this.#dataSource = dataSource;
  }

  /** Every export that a ProviderMetadata beside it presents, by path and name. Workspaces that are closing offer nothing. */
  async offers(): Promise<CatalogueOffer[]> {
    const rows = await this.#dataSource
      .createQueryBuilder()
      .from(catalogueTable, 'export')
      .innerJoin(workspacesTable.options.name, 'workspace', 'workspace.cluster = export.cluster AND NOT workspace.closing')
      .innerJoin(
        catalogueTable.options.name,
        'metadata',
        `metadata.cluster = export.cluster AND metadata.kind = 'ProviderMetadata' AND metadata.name = export.object::json #>> '{metadata,labels,${contentForLabel}}'`,
      )
      .select([
        'workspace.path AS path',
        'export.cluster AS cluster',
        'export.name AS name',
        'export.position AS "exportPosition"',
        'export.object AS export',
      ])
      .addSelect(['metadata.name AS "metadataName"', 'metadata.position AS "metadataPosition"', 'metadata.object AS metadata'])
      .where(`export.kind = 'APIExport'`)
      .orderBy('workspace.path')
      .addOrderBy('export.name')
      .getRawMany<OfferRow>();
    const parsed = new Map<string, Parsed>();
    const offers = rows.map((row) => ({
      providerPath: row.path,
      apiExport: this.#parse(parsed, `APIExport/${row.cluster}/${row.name}`, [row.exportPosition, row.export]),
      providerMetadata: this.#parse(parsed, `ProviderMetadata/${row.cluster}/${row.metadataName}`, [row.metadataPosition, row.metadata]),
    }));
    this.#parsed = parsed;
    return offers;
  }

  /** An object is parsed once per version, not once per question. */
  #parse(parsed: Map<string, Parsed>, name: string, [position, text]: readonly [string, string]): KubeObject {
    const known = parsed.get(name) ?? this.#parsed.get(name);
    const current = known?.position === position ? known : { position, object: parseJson(text) as KubeObject };
    parsed.set(name, current);
    return current.object;
  }
}

type Parsed = { readonly position: string; readonly object: KubeObject };

type OfferRow = {
  readonly path: string;
  readonly cluster: string;
  readonly name: string;
  readonly exportPosition: string;
  readonly export: string;
  readonly metadataName: string;
  readonly metadataPosition: string;
  readonly metadata: string;
};
