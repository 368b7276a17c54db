/**
 * A protocol: a script with the process that describes the whole conversation, and the roles that take part.
 *
 * A script may say so itself, in a comment that other CSPM tools ignore:
 *
 *     --@ conversation DEAL roles buyer, seller, broker
 */

export interface ConversationPragma {
  /** Name of the process that is the whole conversation. */
  readonly system: string;
  readonly roles: readonly string[];
  readonly line: number;
}

const PRAGMA = /^--@\s*conversation\s+([A-Za-z]\w*'*)\s+roles\s+([A-Za-z]\w*'*(?:\s*,\s*[A-Za-z]\w*'*)*)\s*$/;

/**
 * The conversation that a script declares, if it does.
 *
 * @example
 * conversationOf('--@ conversation DEAL roles buyer, seller'); // { system: 'DEAL', roles: ['buyer', 'seller'], line: 1 }
 */
export function conversationOf(source: string): ConversationPragma | undefined {
  const lines = source.split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    const match = PRAGMA.exec(line.trimEnd());
    if (match) return { system: match[1]!, roles: match[2]!.split(',').map((role) => role.trim()), line: index + 1 };
  }
  return undefined;
}
