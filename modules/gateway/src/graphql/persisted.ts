/**
 * Documents known by their hash, so that a client sends sixty-four characters instead of a query.
 *
 * A client asks by hash alone; when the document is not known here, it is told so and sends both, once. Two ways of writing it are understood: the
 * `persistedQuery` extension of Apollo's clients, and `documentId` of the GraphQL over HTTP specification (`sha256:` and the hash). What is kept is a
 * cache: bounded, and gone with the server, which costs one more request.
 */
import { createHash } from 'node:crypto';

/** Documents kept; each is as long as a query may be, at most. */
const KEPT_MAX = 500;

export type Resolved =
  | { readonly kind: 'query'; readonly query: string }
  /** Nothing is asked for by its hash. */
  | { readonly kind: 'as it is' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'mismatch' };

/** The parameters of a request, from its body or its URL. */
export interface Parameters {
  readonly query?: unknown;
  readonly documentId?: unknown;
  readonly extensions?: unknown;
}

export class PersistedDocuments {
  readonly #known = new Map<string, string>();

  /**
   * The document that a request means.
   *
   * @example
   * documents.resolve({ query: '{ health }', documentId: 'sha256:…' }); // kept
   * documents.resolve({ documentId: 'sha256:…' }); // { kind: 'query', query: '{ health }' }
   */
  resolve({ query, documentId, extensions }: Parameters): Resolved {
    const hash = hashIn(documentId, extensions);
    if (hash === undefined) return { kind: 'as it is' };
    if (typeof query !== 'string' || query === '') {
      const known = this.#known.get(hash);
      if (known === undefined) return { kind: 'unknown' };
      this.#keep(hash, known);
      return { kind: 'query', query: known };
    }
    if (createHash('sha256').update(query).digest('hex') !== hash) return { kind: 'mismatch' };
    this.#keep(hash, query);
    return { kind: 'query', query };
  }

  #keep(hash: string, query: string): void {
    this.#known.delete(hash);
    this.#known.set(hash, query);
    if (this.#known.size > KEPT_MAX) this.#known.delete(this.#known.keys().next().value!);
  }
}

function hashIn(documentId: unknown, extensions: unknown): string | undefined {
  if (typeof documentId === 'string') return hexOf(documentId.replace(/^sha256:/, ''));
  const { persistedQuery } = (extensions ?? {}) as { persistedQuery?: { sha256Hash?: unknown } | null };
  return typeof persistedQuery?.sha256Hash === 'string' ? hexOf(persistedQuery.sha256Hash) : undefined;
}

/** What is no hash stands for a document that nobody knows. */
const hexOf = (text: string): string => (/^[0-9a-f]{64}$/i.test(text) ? text.toLowerCase() : '');
