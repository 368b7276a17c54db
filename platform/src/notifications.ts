/**
 * Notifications in memory: a ring of the last ones for each topic, so that a subscriber who was away for a moment misses nothing.
 *
 * Invariants:
 *   - within a topic a listener is called in the order of the sequence numbers, none twice;
 *   - what is kept never exceeds `keep` notifications a topic and `topics` topics: the topic longest silent is forgotten first.
 *
 * A forgotten topic keeps no number: it starts at 1 again, and whoever resumes it with a number it has not reached is told of the gap.
 */
import type { Clock, Notification, Notifications } from './capabilities.ts';
import { timestamp } from './timestamp.ts';

type Listener = (notification: Notification) => void;

interface Topic {
  /** Sequence number of the latest notification; 0: none yet. */
  last: number;
  /** The latest ones, oldest first. */
  readonly kept: Notification[];
  readonly listeners: Set<Listener>;
}

export function notificationsInMemory(options: {
  readonly clock: Pick<Clock, 'now'>;
  /** Notifications kept for each topic. */
  readonly keep?: number;
  /** Topics kept. Those with a listener are never forgotten. */
  readonly topics?: number;
  /** A listener that throws does not disturb the publisher or the other listeners. */
  readonly onFault?: (fault: unknown) => void;
}): Notifications {
  const { clock, keep = 1024, topics: topicCountMax = 10_000, onFault = () => {} } = options;
  // In order of the latest publication: the first one has been silent longest.
  const topics = new Map<string, Topic>();

  function topicOf(name: string): Topic {
    let topic = topics.get(name);
    if (topic === undefined) {
      topic = { last: 0, kept: [], listeners: new Set() };
      topics.set(name, topic);
      forgetSilent();
    }
    return topic;
  }

  function forgetSilent(): void {
    if (topics.size <= topicCountMax) return;
    for (const [name, topic] of topics) {
      if (topic.listeners.size > 0) continue;
      topics.delete(name);
      if (topics.size <= topicCountMax) return;
    }
  }

  function tell(listener: Listener, notification: Notification): void {
    try {
      listener(notification);
    } catch (fault) {
      onFault(fault);
    }
  }

  return {
    publish(name, data) {
      const topic = topicOf(name);
      topics.delete(name);
      topics.set(name, topic);
      topic.last += 1;
      const notification = { topic: name, sequence: topic.last, at: timestamp(clock), data };
      topic.kept.push(notification);
      if (topic.kept.length > keep) topic.kept.shift();
      for (const listener of [...topic.listeners]) if (topic.listeners.has(listener)) tell(listener, notification);
    },

    subscribe(name, since, listener) {
      const topic = topicOf(name);
      const oldest = topic.last - topic.kept.length + 1;
      const gap = since !== undefined && (since > topic.last || since + 1 < oldest);
      // A wrapper, so that one function may listen twice and each subscription ends alone.
      const subscribed: Listener = (notification) => listener(notification);
      topic.listeners.add(subscribed);
      if (since !== undefined) {
        const missed = since > topic.last ? topic.kept : topic.kept.filter((one) => one.sequence > since);
        for (const notification of [...missed]) if (topic.listeners.has(subscribed)) tell(subscribed, notification);
      }
      return {
        gap,
        unsubscribe() {
          topic.listeners.delete(subscribed);
          if (topic.listeners.size === 0 && topic.last === 0) topics.delete(name);
        },
      };
    },
  };
}
