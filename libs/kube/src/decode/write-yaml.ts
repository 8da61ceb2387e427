import { stringify } from 'yaml';

/** YAML as upstream writes it: sorted, lists not indented, strings quoted where YAML 1.1 would read something else. */
export function yamlText(value: unknown): string {
  return stringify(value, { sortMapEntries: true, version: '1.1', lineWidth: 0, indentSeq: false, aliasDuplicateObjects: false });
}
