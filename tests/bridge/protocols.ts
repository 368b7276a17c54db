/** Protocols for the bridge: the negotiation, and four built from terms that lean on other parts of the algebra. */
import { readFileSync } from 'node:fs';
import { openProtocol } from '@enhanced-csp/engine';
import { Alphabet, type EventId, type EventSet, eventSet, type Process, Terms } from '@enhanced-csp/engine/csp';

export interface Protocol {
  readonly name: string;
  readonly terms: Terms;
  readonly process: Process;
  readonly roles: readonly string[];
}

interface Script {
  readonly terms: Terms;
  event(name: string): EventId;
  set(...names: string[]): EventSet;
  /** `a -> b -> … -> next`. */
  path(...path: [...string[], Process]): Process;
  choose(...branches: Process[]): Process;
  decide(...branches: Process[]): Process;
  define(name: string, body: () => Process): Process;
}

function script(): Script {
  const terms = new Terms(new Alphabet());
  const event = (name: string) => terms.alphabet.intern(name);
  return {
    terms,
    event,
    set: (...names) => eventSet(names.map(event)),
    path: (...path) =>
      (path.slice(0, -1) as string[]).reduceRight<Process>(
        (next, name) => terms.prefix(event(name), next),
        path.at(-1) as Process,
      ),
    choose: (...branches) => terms.externalChoice(branches),
    decide: (...branches) => terms.internalChoice(branches),
    define: (name, body) => terms.call(name, body, { name }),
  };
}

/** A client asks, a server answers or is silent; either may crash. Recursion, external choice, interrupt. */
function questions(): Protocol {
  const { terms, path, choose, define } = script();
  const ASK: Process = define('ASK', () =>
    choose(
      path('ask.client.server.1', ANSWER),
      path('ask.client.server.2', ANSWER),
      path('bye.client.server', terms.skip),
    ),
  );
  const ANSWER: Process = define('ANSWER', () =>
    choose(
      path('answer.server.client.yes', ASK),
      path('answer.server.client.no', ASK),
      path('timeout.client', 'bye.client.server', terms.skip),
    ),
  );
  const process = terms.interrupt(ASK, choose(path('crash.client', terms.skip), path('crash.server', terms.skip)));
  return { name: 'questions', terms, process, roles: ['client', 'server'] };
}

/** Two bidders and an auctioneer, each a process, composed by their alphabets; the bidders decide internally. An open clock and hidden bookkeeping. */
function auction(): Protocol {
  const { terms, event, set, path, choose, decide, define } = script();
  const other = (who: string) => (who === 'ann' ? 'bob' : 'ann');
  const bidder = (who: string): Process => {
    const BID: Process = define(`BIDDER ${who}`, () =>
      choose(
        decide(path(`bid.${who}.host.1`, BID), path(`bid.${who}.host.2`, BID), path(`pass.${who}.host`, WATCH)),
        path(`sold.host.${who}`, terms.skip),
        path(`crash.${who}`, terms.skip),
      ),
    );
    const WATCH: Process = define(`WATCH ${who}`, () =>
      choose(path(`sold.host.${who}`, terms.skip), path(`crash.${who}`, terms.skip)),
    );
    return BID;
  };
  const present = (crashed: string | undefined, bids: number): Process =>
    define(`HOST ${crashed} ${bids}`, () => {
      const branches: Process[] = [];
      for (const who of ['ann', 'bob']) {
        if (who === crashed) continue;
        if (bids < 4)
          for (const amount of [1, 2])
            branches.push(path(`bid.${who}.host.${amount}`, 'note', present(crashed, bids + 1)));
        branches.push(path(`pass.${who}.host`, present(crashed, bids)));
        branches.push(path(`crash.${who}`, crashed === undefined ? present(who, bids) : terms.skip));
      }
      branches.push(path('clock', closing(crashed)));
      return choose(...branches);
    });
  const closing = (crashed: string | undefined): Process =>
    define(`CLOSING ${crashed}`, () => {
      if (crashed !== undefined) return path(`sold.host.${other(crashed)}`, terms.skip);
      return choose(
        path('sold.host.ann', 'sold.host.bob', terms.skip),
        path('sold.host.bob', 'sold.host.ann', terms.skip),
      );
    });
  const own = (who: string) => [
    `bid.${who}.host.1`,
    `bid.${who}.host.2`,
    `pass.${who}.host`,
    `sold.host.${who}`,
    `crash.${who}`,
  ];
  const process = terms.alphabetizedParallel([
    { process: bidder('ann'), alphabet: set(...own('ann')) },
    { process: bidder('bob'), alphabet: set(...own('bob')) },
    { process: present(undefined, 0), alphabet: set(...own('ann'), ...own('bob'), 'clock', 'note') },
  ]);
  return {
    name: 'auction',
    terms,
    process: terms.hide(process, eventSet([event('note')])),
    roles: ['ann', 'bob', 'host'],
  };
}

/** Both sides may speak at the same moment: mixed choice, and every pair of messages can cross. */
function chess(): Protocol {
  const { terms, set, path, choose, define } = script();
  const side = (who: string, other: string): Process => {
    const PLAY: Process = define(`PLAY ${who}`, () =>
      choose(
        path(`move.${who}.${other}.a`, PLAY),
        path(`move.${who}.${other}.b`, PLAY),
        path(`move.${other}.${who}.a`, PLAY),
        path(`move.${other}.${who}.b`, PLAY),
        path(`resign.${who}.${other}`, terms.skip),
        path(`resign.${other}.${who}`, terms.skip),
      ),
    );
    return PLAY;
  };
  // Never the same move twice in a row, whoever makes it.
  const NEXT = (last: string): Process =>
    define(`NEXT ${last}`, () =>
      choose(
        ...['a', 'b']
          .filter((move) => move !== last)
          .flatMap((move) => [
            path(`move.white.black.${move}`, NEXT(move)),
            path(`move.black.white.${move}`, NEXT(move)),
          ]),
        path('resign.white.black', terms.skip),
        path('resign.black.white', terms.skip),
      ),
    );
  const all = set(
    ...['white.black', 'black.white'].flatMap((pair) => [`move.${pair}.a`, `move.${pair}.b`, `resign.${pair}`]),
  );
  const process = terms.generalizedParallel([side('white', 'black'), side('black', 'white'), NEXT('none')], all);
  return { name: 'chess', terms, process, roles: ['white', 'black'] };
}

/** A token goes round three stations; who holds it may work. Interleaving, renaming, sequential composition, and a nondeterminism that the trace does not show. */
function ring(): Protocol {
  const { terms, event, path, choose, decide, define } = script();
  const WORK = choose(path('job', terms.skip), decide(terms.skip, path('job', 'job', terms.skip)));
  const work = (who: string) => terms.rename(WORK, [[event('job'), event(`work.${who}`)]]);
  const ROUND = (left: number): Process =>
    define(`ROUND ${left}`, () => {
      if (left === 0)
        return terms.interleave([path('rest.a', terms.skip), path('rest.b', terms.skip), path('rest.c', terms.skip)]);
      const turn = (who: string, next: string, rest: Process) =>
        terms.sequential(work(who), path(`token.${who}.${next}`, rest));
      return turn('a', 'b', turn('b', 'c', turn('c', 'a', ROUND(left - 1))));
    });
  return { name: 'ring', terms, process: ROUND(3), roles: ['a', 'b', 'c'] };
}

/** The conversation of the demonstration, from its script. */
function negotiation(): Protocol {
  const source = readFileSync(new URL('../../models/negotiation.csp', import.meta.url), 'utf8');
  const opened = openProtocol({ source }, { file: 'negotiation.csp' });
  if (opened.kind !== 'open') throw new Error(opened.diagnostics.map((diagnostic) => diagnostic.message).join('\n'));
  const { terms, process, roles } = opened.protocol;
  return { name: 'negotiation', terms, process, roles: roles.names };
}

export const PROTOCOLS: readonly (() => Protocol)[] = [negotiation, questions, auction, chess, ring];
