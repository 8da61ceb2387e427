import type { ServedKind, ServedVersion } from '../served-kind.ts';

/** Makes a part of a document once per served version, and lets it go with the version. */
export function oncePerVersion<Part extends object>(
  make: (kind: ServedKind, version: ServedVersion) => Part,
): (kind: ServedKind, version: ServedVersion) => Part {
  const parts = new WeakMap<ServedVersion, Map<string, Part | WeakRef<Part>>>();
  return (kind, version) => {
    const known = parts.get(version) ?? new Map<string, Part | WeakRef<Part>>();
    parts.set(version, known);
    // A version belongs to one kind, in practice; the key keeps that from being an assumption.
    const key = [kind.group, kind.resource, kind.kind, kind.listKind, kind.namespaced, kind.compiledIn, ...kind.verbs].join('/');
    const kept = known.get(key);
    const atHand = kept instanceof WeakRef ? kept.deref() : kept;
    if (atHand) return atHand;
    const made = make(kind, version);
    // Schemas that are compiled on demand may be many: their parts are larger than what is kept of them, and live as long as a
    // document that has them.
    known.set(key, version.schema.now ? new WeakRef(made) : made);
    return made;
  };
}

/** Makes something once per object, and lets it go with the object. */
export function oncePer<Source extends object, Made>(make: (source: Source) => Made): (source: Source) => Made {
  const made = new WeakMap<Source, { readonly value: Made }>();
  return (source) => {
    const known = made.get(source) ?? { value: make(source) };
    made.set(source, known);
    return known.value;
  };
}
