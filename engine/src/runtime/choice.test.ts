/** Choice: exactly one guard, fairly; and the defects that were found in other libraries, as tests. */
import { describe, expect, expectTypeOf, test } from 'vitest';
import { dropping } from './channel.ts';
import { choice, priority, timeout } from './choice.ts';
import { ClosedError, PoisonedError } from './errors.ts';
import { Network } from './network.ts';

const forever = { service: true };

describe('one of them happens', () => {
  test('the value and the guard that fired, typed', () => {
    const network = new Network();
    const numbers = network.channel<number>('numbers');
    const words = network.channel<string>('words');
    const out = network.channel<boolean>('out');
    const seen: unknown[] = [];
    network.spawn('chooser', function* () {
      for (let i = 0; i < 4; i++) {
        const chosen = yield* choice({ n: numbers.receive(), w: words.receive(), o: out.send(true), late: timeout(5) });
        if (chosen.guard === 'n') expectTypeOf(chosen.value).toEqualTypeOf<number>();
        if (chosen.guard === 'w') expectTypeOf(chosen.value).toEqualTypeOf<string>();
        if (chosen.guard === 'late') expectTypeOf(chosen.value).toEqualTypeOf<undefined>();
        seen.push([chosen.guard, chosen.value]);
      }
    });
    network.spawn('other', function* (self) {
      yield* words.send('hi');
      yield* numbers.send(7);
      seen.push(yield* out.receive());
      yield* self.delay(10);
    });
    expect(network.run().kind).toBe('terminated');
    expect(seen).toEqual([['w', 'hi'], ['n', 7], true, ['o', undefined], ['late', undefined]]);
  });

  test('input and output guards on both sides meet exactly once, in 200 schedules', () => {
    for (let seed = 0; seed < 200; seed++) {
      const network = new Network({ seed });
      const a = network.channel<string>('a');
      const b = network.channel<string>('b');
      const seen: string[] = [];
      for (const name of ['p', 'q'])
        network.spawn(name, function* () {
          const chosen = yield* choice({
            send: a.send(name),
            receive: a.receive(),
            sendB: b.send(name),
            receiveB: b.receive(),
          });
          seen.push(`${name} ${chosen.guard.startsWith('send') ? 'sent' : `received ${chosen.value}`}`);
        });
      expect(network.run().kind).toBe('terminated');
      expect([
        ['p sent', 'q received p'],
        ['p received q', 'q sent'],
      ]).toContainEqual(seen.sort());
    }
  });

  test('a process never meets itself', () => {
    const network = new Network();
    const a = network.channel<number>('a');
    network.spawn('alone', function* () {
      yield* choice({ out: a.send(1), in: a.receive() });
    });
    expect(network.run().kind).toBe('deadlock');
  });

  test('the same channel several times in one choice: one value taken, every registration gone', () => {
    const network = new Network();
    const a = network.channel<number>('a');
    const b = network.channel<number>('b');
    const got: number[] = [];
    network.spawn('chooser', function* () {
      for (let i = 0; i < 3; i++)
        got.push((yield* choice({ one: a.receive(), two: a.receive(), other: b.receive(), three: a.receive() })).value);
    });
    network.spawn('sender', function* () {
      for (const value of [1, 2]) yield* a.send(value);
      yield* b.send(3);
    });
    expect(network.run().kind).toBe('terminated');
    expect(got).toEqual([1, 2, 3]);
    expect(a.trySend(4)).toBe(false);
    expect(b.trySend(4)).toBe(false);
  });

  test('a guard left out by a condition does not take part; no guard at all is an error', () => {
    const network = new Network();
    const a = network.channel<number>('a', { buffer: 1 });
    a.trySend(1);
    let guard = '';
    network.spawn('p', function* () {
      const closed = false as boolean;
      guard = (yield* choice({ a: closed && a.receive(), late: timeout(3) })).guard;
    });
    expect(network.run().kind).toBe('terminated');
    expect([guard, network.now(), a.buffered]).toEqual(['late', 3, 1]);
    expect(() => choice({ a: false })).toThrow('no guards');
  });

  test('closed guards are left out, all closed ends the choice, poison ends it at once', () => {
    const network = new Network();
    const a = network.channel<number>('a');
    const b = network.channel<number>('b');
    const seen: unknown[] = [];
    network.spawn('chooser', function* () {
      try {
        for (;;) seen.push((yield* choice({ a: a.receive(), b: b.receive() })).value);
      } catch (error) {
        seen.push(error instanceof ClosedError);
      }
      const c = network.channel<number>('c');
      c.poison('over');
      try {
        yield* choice({ c: c.receive(), late: timeout(1) });
      } catch (error) {
        seen.push(error instanceof PoisonedError);
      }
    });
    network.spawn('closer', function* (self) {
      yield* self.pause();
      a.close();
      yield* b.send(1);
      yield* self.pause();
      b.close();
    });
    expect(network.run().kind).toBe('terminated');
    expect(seen).toEqual([1, true, true]);
  });

  test('a signal withdraws every guard', () => {
    const network = new Network();
    const a = network.channel<number>('a');
    const b = network.channel<number>('b');
    const controller = new AbortController();
    const chooser = network.spawn('chooser', function* () {
      yield* choice({ a: a.receive(), b: b.send(1) }, { signal: controller.signal });
    });
    network.spawn('other', function* (self) {
      yield* self.pause();
      controller.abort();
      expect(a.trySend(1)).toBe(false);
      expect(b.tryReceive()).toBe(undefined);
    });
    expect(network.run().kind).toBe('failed');
    expect(chooser.error).toMatchObject({ name: 'WithdrawnError' });
  });
});

describe('fairness', () => {
  const spread = (count: number, rounds: number, ready: boolean, seed?: number) => {
    const network = new Network(seed === undefined ? {} : { seed });
    const channels = Array.from({ length: count }, (_, i) => network.channel<number>(`c${i}`));
    const fired = new Array<number>(count).fill(0);
    const gaps = new Array<number>(count).fill(-1);
    let widest = 0;
    network.spawn('chooser', function* (self) {
      const any = choice(Object.fromEntries(channels.map((channel, i) => [`g${i}`, channel.receive()])));
      if (ready) yield* self.pause();
      for (let round = 0; round < rounds * count; round++) {
        const { value } = yield* any;
        fired[value]!++;
        if (gaps[value]! >= 0) widest = Math.max(widest, round - gaps[value]!);
        gaps[value] = round;
      }
    });
    channels.forEach((channel, i) => {
      network.spawn(
        `p${i}`,
        function* () {
          for (;;) yield* channel.send(i);
        },
        forever,
      );
    });
    expect(network.run().kind).toBe('terminated');
    return { least: Math.min(...fired), most: Math.max(...fired), widest };
  };

  test.each([2, 16, 256])(
    'over %i guards that stay ready each fires equally often, and within as many selections',
    (count) => {
      const { least, most, widest } = spread(count, 40, true);
      expect(most - least).toBeLessThanOrEqual(1);
      expect(widest).toBeLessThanOrEqual(count);
    },
  );

  test.each([2, 16])('also over %i guards when a partner has to wake the choice, and under any schedule', (count) => {
    for (let seed = 0; seed < 20; seed++) {
      const { least } = spread(count, 100, false, seed);
      expect(least).toBeGreaterThan(0);
    }
    const { least, most } = spread(count, 100, false);
    expect(most - least).toBeLessThanOrEqual(1);
  });

  test('the woken path moves the rotation too: no bias towards the guard that wakes', () => {
    // Both producers send, then let the chooser block before each round; whoever wakes it must be last in the next search.
    const network = new Network();
    const a = network.channel<string>('a');
    const b = network.channel<string>('b');
    const got: string[] = [];
    network.spawn('chooser', function* (self) {
      for (let i = 0; i < 100; i++) {
        got.push((yield* choice({ a: a.receive(), b: b.receive() })).value);
        got.push((yield* choice({ a: a.receive(), b: b.receive() })).value);
        yield* self.delay(1);
      }
    });
    for (const channel of [a, b])
      network.spawn(
        channel.name,
        function* () {
          for (;;) yield* channel.send(channel.name);
        },
        forever,
      );
    expect(network.run().kind).toBe('terminated');
    expect(got.filter((name) => name === 'a').length).toBe(100);
  });

  test('a kept choice keeps its rotation: woken by b, it looks at a first', () => {
    const network = new Network();
    const a = network.channel<string>('a', { buffer: 10 });
    const b = network.channel<string>('b', { buffer: 10 });
    const got: string[] = [];
    network.spawn('chooser', function* (self) {
      const any = choice({ a: a.receive(), b: b.receive() });
      got.push((yield* any).value); // Blocks; b wakes it.
      yield* self.delay(2);
      for (let i = 0; i < 4; i++) got.push((yield* any).value);
    });
    network.spawn('sender', function* (self) {
      yield* self.delay(1);
      for (const [channel, name] of [
        [b, 'b'],
        [b, 'b'],
        [a, 'a'],
        [a, 'a'],
        [b, 'b'],
      ] as const)
        yield* channel.send(name);
    });
    expect(network.run().kind).toBe('terminated');
    expect(got).toEqual(['b', 'a', 'b', 'a', 'b']);
  });

  test('a choice written anew in each round goes on where it was, also with a guard left out, and apart from other choices', () => {
    const network = new Network();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => network.channel<string>(name, { buffer: 100 }));
    for (let i = 0; i < 100; i++) for (const channel of [a!, b!, c!]) channel.trySend(channel.name);
    const got: string[] = [];
    const others: string[] = [];
    network.spawn('chooser', function* () {
      for (let i = 0; i < 12; i++) {
        got.push((yield* choice({ a: i % 4 !== 1 && a!.receive(), b: b!.receive(), c: c!.receive() })).value);
        others.push((yield* choice({ b: b!.receive(), c: c!.receive() })).value);
      }
    });
    network.run();
    // abc with all three, and bc without a; the two never look at each other's place.
    expect(others.join('')).toBe('bcbcbcbcbcbc');
    for (const name of ['a', 'b', 'c']) expect(got.filter((value) => value === name).length).toBeGreaterThanOrEqual(3);
  });

  test('priority takes the first that can, every time', () => {
    const network = new Network();
    const high = network.channel<string>('high', { buffer: 50 });
    const low = network.channel<string>('low', { buffer: 50 });
    for (let i = 0; i < 50; i++) {
      low.trySend('low');
      high.trySend('high');
    }
    const got: string[] = [];
    network.spawn('chooser', function* () {
      for (let i = 0; i < 60; i++) got.push((yield* priority({ high: high.receive(), low: low.receive() })).value);
    });
    network.run();
    expect(got).toEqual([...new Array(50).fill('high'), ...new Array(10).fill('low')]);
  });
});

describe('defects of other libraries', () => {
  test('lost wake-up: leaving one choice takes back its own registration, not that of another', () => {
    const network = new Network();
    const a = network.channel<string>('a');
    const b = network.channel<string>('b');
    const c = network.channel<string>('c');
    const seen: string[] = [];
    network.spawn('S1', function* () {
      seen.push(`S1 ${(yield* choice({ a: a.receive(), b: b.receive() })).value}`);
    });
    network.spawn('S2', function* () {
      seen.push(`S2 ${(yield* choice({ b: b.receive(), c: c.receive() })).value}`);
    });
    network.spawn('writer', function* () {
      yield* a.send('from a');
      yield* b.send('from b');
    });
    expect(network.run().kind).toBe('terminated');
    expect(seen).toEqual(['S1 from a', 'S2 from b']);
  });

  test('starvation: two producers that are always ready share 20 000 selections', () => {
    const network = new Network();
    const channels = [network.channel<number>('a'), network.channel<number>('b')] as const;
    const counts = [0, 0];
    network.spawn('chooser', function* () {
      for (let i = 0; i < 20_000; i++)
        counts[(yield* choice({ a: channels[0].receive(), b: channels[1].receive() })).value]!++;
    });
    for (const i of [0, 1] as const)
      network.spawn(
        `p${i}`,
        function* () {
          for (;;) yield* channels[i].send(i);
        },
        forever,
      );
    network.run();
    expect(counts).toEqual([10_000, 10_000]);
  });

  test('acknowledged and lost: of two sends in one turn to a waiting choice one is taken, and the other waits', () => {
    const network = new Network();
    const a = network.channel<string>('a');
    const b = network.channel<string>('b');
    const seen: string[] = [];
    network.spawn('chooser', function* () {
      for (let i = 0; i < 2; i++) seen.push((yield* choice({ a: a.receive(), b: b.receive() })).value);
    });
    network.spawn('both', function* () {
      seen.push(`a ${a.trySend('first')}`, `b ${b.trySend('second')}`);
      yield* b.send('third');
    });
    expect(network.run().kind).toBe('terminated');
    expect(seen).toEqual(['a true', 'b false', 'first', 'third']);
  });

  test('every pending send settles when its channel ends', () => {
    for (const end of ['close', 'poison'] as const) {
      const network = new Network();
      const a = network.channel<number>('a');
      const settled: string[] = [];
      network.spawn('sender', function* () {
        try {
          yield* a.send(1);
          settled.push('received');
        } catch {
          settled.push('failed');
        }
      });
      network.spawn('ender', function* (self) {
        yield* self.pause();
        if (end === 'close') a.close();
        else a.poison('over');
        yield* self.pause();
        try {
          yield* a.receive();
        } catch {}
      });
      expect(network.run().kind).toBe('terminated');
      expect(settled).toEqual([end === 'close' ? 'received' : 'failed']);
    }
  });
});

test('priority: a guard behind one that can always fire is warned of, once, before anything runs', () => {
  const warnings: string[] = [];
  const network = new Network({
    onWarning: ({ kind, process, guard }) => warnings.push(`${kind} ${process} ${guard}`),
  });
  const log = network.channel<number>('log', { buffer: dropping(2) });
  const orders = network.channel<number>('orders');
  network.spawn('clerk', function* () {
    for (let i = 0; i < 3; i++) {
      yield* priority({ out: log.send(i), orders: orders.receive(), late: timeout(5) });
      yield* priority({ orders: i === 9 && orders.receive(), out: log.send(i) }); // Nothing stands behind it.
      yield* choice({ out: log.send(i), late: timeout(5) }); // Fair.
    }
  });
  expect(network.run()).toEqual({ kind: 'terminated' });
  expect(warnings).toEqual(['starvation clerk orders', 'starvation clerk late']);
});

test('a choice that is kept sends the same value each time, whether somebody waits or comes', () => {
  const network = new Network();
  const out = network.channel<string>('out');
  const never = network.channel<number>('never');
  const got: string[] = [];
  const fired: string[] = [];
  network.spawn('chooser', function* () {
    const offer = choice({ out: out.send('the value'), never: never.receive() });
    for (let i = 0; i < 4; i++) fired.push(String((yield* offer).value));
  });
  network.spawn('reader', function* (self) {
    for (let i = 0; i < 4; i++) {
      if (i % 2 === 0) yield* self.pause(); // The chooser waits first, then the reader does.
      got.push(yield* out.receive());
    }
  });
  expect(network.run()).toEqual({ kind: 'terminated' });
  expect(got).toEqual(Array(4).fill('the value'));
  expect(fired).toEqual(Array(4).fill('undefined'));
});
