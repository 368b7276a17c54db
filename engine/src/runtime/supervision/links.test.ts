import { describe, expect, test } from 'vitest';
import { Network } from '../network.ts';
import type { Process } from '../process.ts';
import { type Exit, ShutdownError } from './exit.ts';
import { link, monitor } from './links.ts';

function trio() {
  const network = new Network({ onFailure: () => 'continue' });
  const log: string[] = [];
  const sleeper = (name: string, milliseconds: number, end?: () => void) =>
    network.spawn(name, function* (self) {
      try {
        yield* self.delay(milliseconds);
        end?.();
      } finally {
        log.push(`${name}@${self.now()}`);
      }
    });
  return { network, log, sleeper };
}

function crash(): never {
  throw new Error('crash');
}

describe('links', () => {
  test('an abnormal end is shared, along a chain, and finally blocks run', () => {
    const { network, log, sleeper } = trio();
    const [a, b, c] = [sleeper('a', 10, crash), sleeper('b', 100), sleeper('c', 100)] as [Process, Process, Process];
    link(a, b);
    link(c, b);
    network.run();
    expect(log).toEqual(['a@10', 'b@10', 'c@10']);
    expect([a.status, b.status, c.status]).toEqual(['failed', 'cancelled', 'cancelled']);
  });

  test.each<[string, (() => void) | undefined]>([
    ['a normal end', undefined],
    [
      'a shutdown',
      () => {
        throw new ShutdownError();
      },
    ],
  ])('%s is not shared', (_, end) => {
    const { network, log, sleeper } = trio();
    link(sleeper('a', 10, end) as Process, sleeper('b', 100) as Process);
    network.run();
    expect(log).toEqual(['a@10', 'b@100']);
  });

  test('a killed process takes its partner with it; an unlinked one does not', () => {
    const { network, log, sleeper } = trio();
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => sleeper(name, 100) as Process) as [
      Process,
      Process,
      Process,
      Process,
    ];
    link(a, b);
    link(c, d)();
    network.spawn('director', function* (self) {
      yield* self.delay(10);
      network.kill(a);
      network.kill(c);
    });
    network.run();
    expect(log).toEqual(['b@10', 'd@100']);
  });

  test('a process that links itself to one that has crashed ends at its next operation', () => {
    const { network, log, sleeper } = trio();
    const a = sleeper('a', 10, crash) as Process;
    const late = network.spawn('late', function* (self) {
      yield* self.delay(20);
      link(self as Process, a);
      log.push('still here');
      yield* self.delay(20);
      log.push('too far');
    });
    network.run();
    expect(log).toEqual(['a@10', 'still here']);
    expect(late.status).toBe('cancelled');
  });

  test('of a process with itself, and of two networks, is refused', () => {
    const { sleeper } = trio();
    const a = sleeper('a', 1) as Process;
    expect(() => link(a, a)).toThrow('itself');
    expect(() => link(a, new Network().main)).toThrow('two networks');
  });
});

describe('monitors', () => {
  test('tell the reason once, without sharing the end', () => {
    const { network, sleeper } = trio();
    const told: string[] = [];
    const tell = (exit: Exit, process: Process) => told.push(`${process.name} ${exit.reason}`);
    const victim = sleeper('killed', 100) as Process;
    const stopped = sleeper('stopped', 100) as Process;
    const all = [sleeper('ends', 10), sleeper('crashes', 20, crash), victim, stopped] as Process[];
    for (const process of all) monitor(process, tell);
    monitor(all[0]!, tell)();
    network.spawn('director', function* (self) {
      yield* self.delay(30);
      network.kill(victim);
      network.cancel(stopped);
      monitor(all[0]!, tell); // Over already: told at once.
    });
    network.run();
    expect(told).toEqual(['ends normal', 'crashes error', 'killed killed', 'stopped shutdown', 'ends normal']);
  });
});
