/**
 * The rules of the OTP manual (`supervisor` of stdlib, and "Supervisor Behaviour" of the design principles), one row each, in virtual time.
 * Each child obeys a script: at a time, it crashes, ends, or shuts down. Expected sequences follow from those rules, worked out by hand.
 */
import { describe, expect, test } from 'vitest';
import { Network } from '../network.ts';
import type { Suspension } from '../operation.ts';
import type { Process } from '../process.ts';
import type { ChildSpecification, RestartType, Shutdown } from './child.ts';
import { ShutdownError } from './exit.ts';
import { type Strategy, Supervisor, type SupervisorOptions } from './supervisor.ts';

type Deed = 'crash' | 'end' | 'shutdown';

interface Stage {
  readonly network: Network;
  /** `+a` a starts, `-a` its finally block has run; with the time when it is not 0. */
  readonly log: string[];
  child(id: string, about?: ChildOptions): ChildSpecification;
  /** Runs a script in a process that keeps virtual time going. */
  play(until: number, script?: (self: Process) => Generator<Suspension, void, unknown>): string;
}

interface ChildOptions {
  readonly restart?: RestartType;
  readonly significant?: boolean;
  readonly shutdown?: Shutdown;
  /** What its incarnations do, in turn; then they live on. */
  readonly deeds?: readonly (readonly [at: number, deed: Deed])[];
  /** Milliseconds its finally block takes. */
  readonly lingers?: number;
}

function stage(): Stage {
  const network = new Network();
  const log: string[] = [];
  const never = network.channel('never');
  const begun = new Map<string, number>();
  const note = (what: string) => log.push(network.now() === 0 ? what : `${what}@${network.now()}`);
  return {
    network,
    log,
    child(id, { restart, significant, shutdown, deeds = [], lingers = 0 } = {}) {
      return {
        id,
        ...(restart === undefined ? {} : { restart }),
        ...(significant === undefined ? {} : { significant }),
        ...(shutdown === undefined ? {} : { shutdown }),
        start: () =>
          function* (self) {
            note(`+${id}`);
            const times = begun.get(id) ?? 0;
            begun.set(id, times + 1);
            const deed = deeds[times];
            try {
              if (deed === undefined) yield* never.receive();
              else yield* self.delay(deed[0] - self.now());
              if (deed?.[1] === 'crash') throw new Error('crash');
              if (deed?.[1] === 'shutdown') throw new ShutdownError();
            } finally {
              if (lingers > 0) yield* self.delay(lingers);
              note(`-${id}`);
            }
          },
      };
    },
    play(until, script) {
      let report = '';
      const director = network.spawn('director', function* (self) {
        if (script !== undefined) yield* script(self as Process);
        yield* self.delay(until - self.now());
        report = log.join(' ');
      });
      while (!director.isOver) if (network.pump() !== 'busy') break;
      if (network.failure !== undefined) return `${log.join(' ')} ${network.failure.message}`;
      return report;
    },
  };
}

describe('restart strategies', () => {
  const rows: readonly [Strategy, string][] = [
    ['one for one', '+a +b +c -b@10 +b@10'],
    ['simple one for one', '+a +b +c -b@10 +b@10'],
    // "all remaining child processes are terminated … then all child processes, including the terminated one, are restarted."
    ['one for all', '+a +b +c -b@10 -c@10 -a@10 +a@10 +b@10 +c@10'],
    // "the rest of the child processes (that is, the child processes after the terminated one in start order)"
    ['rest for one', '+a +b +c -b@10 -c@10 +b@10 +c@10'],
  ];
  test.each(rows)('%s', (strategy, expected) => {
    const { network, child, play } = stage();
    const children = [child('a'), child('b', { deeds: [[10, 'crash']] }), child('c')];
    new Supervisor(network, 'root', children, { strategy }).start();
    expect(play(20)).toBe(expected);
  });

  test('an incarnation knows how often it was restarted, and what ended the one before', () => {
    const { network, play } = stage();
    const known: string[] = [];
    const start: ChildSpecification['start'] = ({ restarts, cause }) => {
      known.push(`${restarts} ${cause instanceof Error ? cause.message : cause}`);
      return function* (self) {
        yield* self.delay(10);
        if (restarts === 0) throw new Error('first');
        if (restarts === 1) return;
        yield* network.channel('never').receive();
      };
    };
    new Supervisor(network, 'root', [{ id: 'a', start }], { intensity: 2 }).start();
    play(100);
    expect(known).toEqual(['0 undefined', '1 first', '2 undefined']);
  });

  test('a temporary sibling goes with its group and does not come back; a transient one that had ended does', () => {
    const { network, child, play } = stage();
    const children = [
      child('a', { restart: 'temporary' }),
      child('b', { restart: 'transient', deeds: [[5, 'end']] }),
      child('c', { deeds: [[10, 'crash']] }),
    ];
    const supervisor = new Supervisor(network, 'root', children, { strategy: 'one for all' });
    supervisor.start();
    expect(play(20)).toBe('+a +b +c -b@5 -c@10 -a@10 +b@10 +c@10');
    expect(supervisor.children.map(({ id }) => id)).toEqual(['b', 'c']);
  });

  test('two that crash at one moment are one restart of the group', () => {
    const { network, child, play } = stage();
    const children = [child('a', { deeds: [[10, 'crash']] }), child('b', { deeds: [[10, 'crash']] })];
    new Supervisor(network, 'root', children, { strategy: 'one for all', intensity: 1 }).start();
    expect(play(20)).toMatch(/^\+a \+b -a@10 (-b@10 )?\+a@10 \+b@10$/);
  });
});

describe('restart types', () => {
  const rows: readonly [RestartType, Deed, boolean][] = [
    ['permanent', 'crash', true],
    ['permanent', 'end', true],
    ['permanent', 'shutdown', true],
    ['transient', 'crash', true],
    ['transient', 'end', false],
    ['transient', 'shutdown', false],
    ['temporary', 'crash', false],
    ['temporary', 'end', false],
    ['temporary', 'shutdown', false],
  ];
  test.each(rows)('%s, after %s: restarted %s', (restart, deed, restarted) => {
    const { network, child, play } = stage();
    const supervisor = new Supervisor(network, 'root', [child('a', { restart, deeds: [[10, deed]] })]);
    supervisor.start();
    expect(play(20)).toBe(restarted ? '+a -a@10 +a@10' : '+a -a@10');
    // "The child specification of a temporary child is deleted when it ends"; others stay.
    expect(supervisor.children.length).toBe(restart === 'temporary' ? 0 : 1);
  });

  test('a transient child that is killed is restarted', () => {
    const { network, child, play } = stage();
    const supervisor = new Supervisor(network, 'root', [child('a', { restart: 'transient' })]);
    supervisor.start();
    const report = play(20, function* (self) {
      yield* self.delay(10);
      network.kill(supervisor.children[0]!.process!);
    });
    expect(report).toBe('+a +a@10');
  });
});

describe('intensity and period', () => {
  const crashesAt = (...times: number[]) => times.map((at) => [at, 'crash'] as const);
  const rows: readonly [string, SupervisorOptions, readonly number[], boolean][] = [
    ['the defaults allow one in five seconds', {}, [1000], true],
    ['the defaults do not allow two in five seconds', {}, [1000, 6000], false],
    ['the defaults allow two that are farther apart', {}, [1000, 6001], true],
    ['none allowed', { intensity: 0 }, [10], false],
    ['three in one period', { intensity: 3, period: 100 }, [10, 20, 30], true],
    ['four in one period', { intensity: 3, period: 100 }, [10, 20, 30, 40], false],
    ['the fourth after the first has left the period', { intensity: 3, period: 100 }, [10, 20, 30, 111], true],
  ];
  test.each(rows)('%s', (_, options, times, survives) => {
    const { network, child, play } = stage();
    const supervisor = new Supervisor(network, 'root', [child('a', { deeds: crashesAt(...times) })], options);
    const process = supervisor.start();
    play(10_000);
    expect(process.isOver).toBe(!survives);
    expect(network.failure === undefined).toBe(survives);
  });

  test('who gives up ends the others in reverse order first', () => {
    const { network, child, play } = stage();
    const children = [child('a'), child('b', { deeds: [[10, 'crash']] }), child('c', { lingers: 7 })];
    new Supervisor(network, 'root', children, { intensity: 0 }).start();
    expect(play(100)).toContain('+a +b +c -b@10 -c@17 -a@17 process root failed: supervisor root gives up');
  });

  test('it escalates: the supervisor above restarts a permanent one', () => {
    const { network, child, play } = stage();
    const inner = new Supervisor(network, 'inner', [child('a', { deeds: [[10, 'crash']] }), child('b')], {
      intensity: 0,
    });
    const events: string[] = [];
    new Supervisor(network, 'outer', [inner.asChild(), child('z')], {
      onEvent: ({ kind, child: id, at }) => events.push(`${kind} ${id} ${at}`),
    }).start();
    expect(play(20)).toBe('+a +b +z -a@10 -b@10 +a@10 +b@10');
    expect(events).toEqual(['restart inner 10']);
  });

  test('a transient supervisor that gave up is not restarted: its end was a shutdown', () => {
    const { network, child, play } = stage();
    const inner = new Supervisor(network, 'inner', [child('a', { deeds: [[10, 'crash']] })], { intensity: 0 });
    new Supervisor(network, 'outer', [inner.asChild({ restart: 'transient' }), child('z')]).start();
    expect(play(20)).toBe('+a +z -a@10');
  });
});

describe('shutdown', () => {
  const ended = (about: ChildOptions) => {
    const { network, child, play } = stage();
    const supervisor = new Supervisor(network, 'root', [child('a'), child('b', about), child('c')]);
    const process = supervisor.start();
    return play(10_000, function* (self) {
      yield* self.delay(10);
      network.cancel(process);
    });
  };
  test.each<[string, ChildOptions, string]>([
    ['in reverse order of start, one after the other', { lingers: 50 }, '+a +b +c -c@10 -b@60 -a@60'],
    [
      'killed after its time, without its finally block to the end',
      { lingers: 50, shutdown: 20 },
      '+a +b +c -c@10 -a@30',
    ],
    ['killed at once', { lingers: 50, shutdown: 'kill' }, '+a +b +c -c@10 -a@10'],
    ['a worker has five seconds', { lingers: 6000 }, '+a +b +c -c@10 -a@5010'],
    ['as long as it takes', { lingers: 6000, shutdown: 'infinity' }, '+a +b +c -c@10 -b@6010 -a@6010'],
  ])('%s', (_, about, expected) => {
    expect(ended(about)).toBe(expected);
  });

  test('simple one for one: all at once', () => {
    const { network, child, play } = stage();
    const children = ['a', 'b', 'c'].map((id, i) => child(id, { lingers: 30 - 10 * i }));
    const process = new Supervisor(network, 'root', children, { strategy: 'simple one for one' }).start();
    const report = play(100, function* (self) {
      yield* self.delay(10);
      network.cancel(process);
    });
    expect(report).toBe('+a +b +c -c@20 -b@30 -a@40');
  });

  test('a supervisor that is killed leaves no orphans', () => {
    const { network, child, play } = stage();
    const supervisor = new Supervisor(network, 'root', [child('a'), child('b')]);
    const process = supervisor.start();
    play(1, function* (self) {
      yield* self.delay(1);
      network.kill(process);
    });
    expect(network.processes).toEqual([]);
  });
});

describe('significant children', () => {
  const rows: readonly [SupervisorOptions['autoShutdown'], readonly (readonly [RestartType, Deed])[], boolean][] = [
    ['any significant', [['transient', 'end']], true],
    ['any significant', [['transient', 'shutdown']], true],
    ['any significant', [['transient', 'crash']], false], // It is restarted.
    ['any significant', [['temporary', 'crash']], true],
    ['all significant', [['transient', 'end']], false], // Another one lives.
    [
      'all significant',
      [
        ['transient', 'end'],
        ['temporary', 'end'],
      ],
      true,
    ],
  ];
  test.each(rows)('%s, %j: ends %s', (autoShutdown, deeds, ends) => {
    const { network, child, play } = stage();
    const children = ['a', 'b'].map((id, i) => {
      const [restart, deed] = deeds[i] ?? ['transient', undefined];
      return child(id, { restart, significant: true, deeds: deed === undefined ? [] : [[10 * (i + 1), deed]] });
    });
    const process = new Supervisor(network, 'root', [...children, child('z')], { autoShutdown: autoShutdown! }).start();
    play(100);
    expect(process.isOver).toBe(ends);
    expect(network.failure).toBeUndefined();
    expect(network.processes.length).toBe(ends ? 0 : deeds.length > 0 && deeds[0]![1] === 'crash' ? 4 : 3);
  });

  test('a child that a supervisor ends, or its group, is not an end by itself', () => {
    const { network, child, play } = stage();
    const supervisor = new Supervisor(network, 'root', [child('a', { restart: 'transient', significant: true })], {
      autoShutdown: 'any significant',
    });
    const process = supervisor.start();
    play(10, function* () {
      expect(yield* supervisor.terminateChild('a')).toBe('done');
    });
    expect(process.isOver).toBe(false);
  });

  test.each<[string, ChildOptions, SupervisorOptions]>([
    ['permanent and significant', { significant: true }, { autoShutdown: 'any significant' }],
    ['significant without autoShutdown', { significant: true, restart: 'transient' }, {}],
    ['shutdown below 0', { shutdown: -1 }, {}],
    ['intensity that is no count', {}, { intensity: 0.5 }],
    ['period 0', {}, { period: 0 }],
  ])('rejected: %s', (_, about, options) => {
    const { network, child } = stage();
    expect(() => new Supervisor(network, 'root', [child('a', about)], options)).toThrow(RangeError);
  });

  test('rejected: two children of one name', () => {
    const { network, child } = stage();
    expect(() => new Supervisor(network, 'root', [child('a'), child('a')])).toThrow('two children called a');
  });
});

describe('children that come and go', () => {
  test('start, terminate, restart, delete answer as in the manual', () => {
    const { network, child, play, log } = stage();
    const supervisor = new Supervisor(network, 'root', [child('a')]);
    const process = supervisor.start();
    const answers: string[] = [];
    play(10, function* () {
      const commands = [
        () => supervisor.startChild(child('b')),
        () => supervisor.startChild(child('b')),
        () => supervisor.restartChild('b'),
        () => supervisor.deleteChild('b'),
        () => supervisor.terminateChild('b'),
        () => supervisor.startChild(child('b')),
        () => supervisor.terminateChild('b'),
        () => supervisor.restartChild('b'),
        () => supervisor.terminateChild('b'),
        () => supervisor.deleteChild('b'),
        () => supervisor.deleteChild('b'),
        () => supervisor.restartChild('b'),
        () => supervisor.terminateChild('b'),
        () => supervisor.startChild(child('t', { restart: 'temporary' })),
        () => supervisor.terminateChild('t'),
        () => supervisor.restartChild('t'),
      ];
      for (const command of commands) answers.push(yield* command());
      network.cancel(process);
      answers.push(yield* supervisor.startChild(child('c')));
    });
    expect(answers.join(', ')).toBe(
      'done, already started, running, running, done, already present, done, done, done, done, not found, not found, not found, done, done, not found, over',
    );
    expect(log.join(' ')).toBe('+a +b -b +b -b +t -t -a');
  });

  test('simple one for one has no restart and no delete of a child', () => {
    const { network, child, play } = stage();
    const supervisor = new Supervisor(network, 'root', [child('a')], { strategy: 'simple one for one' });
    supervisor.start();
    const answers: string[] = [];
    play(10, function* () {
      for (const command of [
        () => supervisor.restartChild('a'),
        () => supervisor.deleteChild('a'),
        () => supervisor.startChild(child('b')),
        () => supervisor.terminateChild('a'),
      ])
        answers.push(yield* command());
    });
    expect(answers).toEqual(['simple one for one', 'simple one for one', 'done', 'done']);
    expect(supervisor.children.map(({ id }) => id)).toEqual(['b']);
  });

  test('a supervisor that is restarted has forgotten those that were added', () => {
    const { network, child, play } = stage();
    const inner = new Supervisor(network, 'inner', [child('a')]);
    const outer = new Supervisor(network, 'outer', [inner.asChild()]);
    outer.start();
    const report = play(20, function* (self: Process) {
      yield* self.delay(1);
      yield* inner.startChild(child('b'));
      network.kill(outer.children[0]!.process!);
    });
    expect(report).toBe('+a +b@1 +a@1');
  });
});
