/** A panel that a module brings for the home page. */
import type { Html } from './html.ts';

export interface Panel {
  readonly title: string;
  /** A topic without parameters: each notification on it renders the panel anew in open pages. */
  readonly topic?: string;
  /** What is inserted is escaped by `html`. One that throws shows its error in its own frame. */
  render(): Html | Promise<Html>;
}
