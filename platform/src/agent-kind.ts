/** An agent that a module brings: a decision, which the platform lets take part in conversations by the same door as remote agents. */
import type { View } from '@enhanced-csp/engine';

export interface AgentKind {
  readonly description: string;
  /** The roles it can play; absent: any. */
  readonly roles?: readonly string[];
  /** The protocols it knows, by name; absent: any. */
  readonly protocols?: readonly string[];
  /**
   * The event to attempt now, or undefined to wait until the conversation goes on; asked while the role may do something. What is attempted may be
   * refused: `view.refused` says so. One that throws has crashed, and so has one whose attempts are not allowed eight times while nothing else happens.
   */
  decide(view: View): string | undefined | Promise<string | undefined>;
}
