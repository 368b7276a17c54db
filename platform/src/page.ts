/**
 * A page for people: plain HTML at its own path, beside the operations. The gateway adds the frame (head, style, navigation) and the headers.
 */
import type { Html } from './html.ts';
import type { Call } from './operation.ts';

export interface Page {
  /** Outside `/api`: `/conversations/{conversation_id}`. */
  readonly path: `/${string}`;
  /** In the navigation under this name; pages about one thing have none. */
  readonly navigation?: string;
  /** Id of the operation that says the same as JSON, served at this path to callers that accept only JSON. */
  readonly operation?: string;
  /** `parameters`: from the path and, where they do not collide, from the query. Throws a fault as an operation does. */
  render(parameters: Readonly<Record<string, string>>, call: Call): Promise<RenderedPage>;
}

/** A text for programs at its own path, in a format that is not ours: metrics, a manifest. */
export interface PlainDocument {
  readonly path: `/${string}`;
  /** Its media type. */
  readonly type: string;
  render(): Promise<string>;
}

export interface RenderedPage {
  readonly title: string;
  readonly body: Html;
  /** Seconds until a browser loads the page again. */
  readonly refreshSeconds?: number;
}
