import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Notification } from './capabilities.ts';
import { notificationsInMemory } from './notifications.ts';

const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5) };

function listen(notifications: ReturnType<typeof notificationsInMemory>, topic: string, since?: number) {
  const heard: Notification[] = [];
  const subscription = notifications.subscribe(topic, since, (notification) => heard.push(notification));
  return { ...subscription, heard, numbers: () => heard.map(({ sequence }) => sequence) };
}

describe('notifications', () => {
  test('count from 1 within a topic and carry the time', () => {
    const notifications = notificationsInMemory({ clock });
    const { heard } = listen(notifications, 'a');
    notifications.publish('a', { x: 1 });
    notifications.publish('b', null);
    notifications.publish('a', { x: 2 });
    expect(heard).toEqual([
      { topic: 'a', sequence: 1, at: '2026-01-02T03:04:05.000Z', data: { x: 1 } },
      { topic: 'a', sequence: 2, at: '2026-01-02T03:04:05.000Z', data: { x: 2 } },
    ]);
  });

  test('who resumes gets what it missed first, then what comes', () => {
    const notifications = notificationsInMemory({ clock });
    for (let i = 0; i < 5; i++) notifications.publish('a', i);
    const late = listen(notifications, 'a', 2);
    expect(late.gap).toBe(false);
    notifications.publish('a', 5);
    expect(late.numbers()).toEqual([3, 4, 5, 6]);
    expect(listen(notifications, 'a').numbers(), 'without since: only what comes').toEqual([]);
  });

  test('a gap is said when the ring does not reach back, and when the number was never reached', () => {
    const notifications = notificationsInMemory({ clock, keep: 3 });
    for (let i = 0; i < 5; i++) notifications.publish('a', i);
    expect(listen(notifications, 'a', 1)).toMatchObject({ gap: true });
    expect(listen(notifications, 'a', 1).numbers()).toEqual([3, 4, 5]);
    expect(listen(notifications, 'a', 2)).toMatchObject({ gap: false });
    expect(listen(notifications, 'a', 99)).toMatchObject({ gap: true });
    expect(listen(notifications, 'fresh', 0)).toMatchObject({ gap: false });
  });

  test('a listener that throws, or unsubscribes while it is told, disturbs no other', () => {
    const faults: unknown[] = [];
    const notifications = notificationsInMemory({ clock, onFault: (fault) => faults.push(fault) });
    notifications.subscribe('a', undefined, () => {
      throw new Error('broken');
    });
    const once: number[] = [];
    const subscription = notifications.subscribe('a', undefined, ({ sequence }) => {
      once.push(sequence);
      subscription.unsubscribe();
    });
    const { numbers } = listen(notifications, 'a');
    notifications.publish('a', 0);
    notifications.publish('a', 0);
    expect(numbers()).toEqual([1, 2]);
    expect(once).toEqual([1]);
    expect(faults).toHaveLength(2);
  });

  test('silent topics are forgotten beyond the limit, those with a listener are not', () => {
    const notifications = notificationsInMemory({ clock, topics: 2 });
    const { numbers } = listen(notifications, 'kept');
    for (const topic of ['kept', 'x', 'y', 'z']) notifications.publish(topic, 0);
    expect(listen(notifications, 'x', 1)).toMatchObject({ gap: true });
    notifications.publish('kept', 0);
    expect(numbers()).toEqual([1, 2]);
  });

  test('with any history, whoever resumes sees every number once, or is told of a gap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(12), fc.nat(14), fc.nat(4), (keep, before, since, after) => {
        const notifications = notificationsInMemory({ clock, keep });
        for (let i = 0; i < before; i++) notifications.publish('a', i);
        const { gap, numbers } = listen(notifications, 'a', since);
        for (let i = 0; i < after; i++) notifications.publish('a', i);
        const all = Array.from({ length: before + after }, (_, index) => index + 1);
        const missed = all.filter((number) => number > since);
        if (gap) expect(all.slice(-numbers().length || all.length)).toEqual(numbers().length ? numbers() : all);
        else expect(numbers()).toEqual(missed);
        // A gap is not cried without need: only when something after `since` is gone, or `since` lies in the future.
        expect(gap).toBe(since > before || before - since > keep);
      }),
      { numRuns: 300, seed: 3 },
    );
  });
});
