/** What a command line or a form must know of an operation. */
export interface Described {
  readonly summary: string;
  /** In the order of the path, then as they are declared. */
  readonly fields: readonly Field[];
  /** A body it takes, the first that the document shows. */
  readonly example?: Readonly<Record<string, unknown>>;
  /** The media type of the text it also answers with: a log as a file, for instance. */
  readonly text?: string;
}

export interface Field {
  readonly name: string;
  readonly in: 'path' | 'query' | 'body';
  /** `json`: anything that is neither a text, a number nor a truth value. */
  readonly type: 'string' | 'number' | 'boolean' | 'json';
  readonly required: boolean;
  /** What it may be, if only that. */
  readonly values?: readonly string[];
  readonly description?: string;
}
