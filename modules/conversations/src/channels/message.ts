/** What travels over a channel: a visible header, and data that only the receiver gets. */
export const PRIORITIES = ['low', 'normal', 'high'] as const;
export type Priority = (typeof PRIORITIES)[number];

export interface Message {
  readonly type: string;
  readonly data: unknown;
  readonly sender?: string;
  readonly priority: Priority;
}

export interface Filter {
  readonly type?: string | undefined;
  readonly priority?: Priority | undefined;
  readonly sender?: string | undefined;
}

export function passes(filter: Filter, message: Message): boolean {
  return (
    (filter.type === undefined || filter.type === message.type) &&
    (filter.priority === undefined || filter.priority === message.priority) &&
    (filter.sender === undefined || filter.sender === message.sender)
  );
}

/** Index of the message to take: the highest priority first, then the longest waiting; -1 when none passes. */
export function chooseFrom(messages: readonly Message[], filter: Filter): number {
  let chosen = -1;
  for (const [index, message] of messages.entries()) {
    if (!passes(filter, message)) continue;
    if (chosen < 0 || rank(message) > rank(messages[chosen]!)) chosen = index;
  }
  return chosen;
}

function rank({ priority }: Message): number {
  return PRIORITIES.indexOf(priority);
}
