/**
 * Who decides what the rules of a network leave open: which ready process goes next, and which of several ready guards of a fair choice fires.
 *
 * `Seeded` draws it. `Recorded` follows a list of decisions as far as that goes, takes the first possibility from there on, and writes down how many
 * there were: with that, whoever explores can enumerate all schedules without keeping more than one.
 */
import { MisuseError } from './errors.ts';

export interface Schedule {
  /** `fair`: ready guards take turns as they do without a schedule. Default: any of them may fire. */
  readonly choices?: 'any' | 'fair';
  /** One of `count` possibilities, by number from 0. */
  below(count: number): number;
}

export class Recorded implements Schedule {
  /** What was decided, and out of how many. Decisions between one possibility are none. */
  readonly choices: 'any' | 'fair';
  readonly picks: number[] = [];
  readonly counts: number[] = [];
  readonly #given: readonly number[];
  readonly #expected: readonly number[];
  readonly #beyond: Schedule | null;

  /** `expected`: out of how many each of the decisions given was made. */
  constructor(
    given: readonly number[],
    options: {
      readonly choices?: 'any' | 'fair';
      readonly expected?: readonly number[];
      readonly beyond?: Schedule;
    } = {},
  ) {
    this.choices = options.choices ?? 'any';
    this.#given = given;
    this.#expected = options.expected ?? [];
    this.#beyond = options.beyond ?? null;
  }

  below(count: number): number {
    if (count === 1) return 0;
    const at = this.picks.length;
    const pick = this.#given[at] ?? this.#beyond?.below(count) ?? 0;
    if (pick >= count || (at < this.#given.length && (this.#expected[at] ?? count) !== count)) throw unfit();
    this.picks.push(pick);
    this.counts.push(count);
    return pick;
  }

  /** @throws MisuseError when the run was over before all that was given was decided */
  finish(): void {
    if (this.picks.length < this.#given.length) throw unfit();
  }

  /** The decisions of the next schedule in depth-first order; undefined after the last. */
  following(): number[] | undefined {
    let last = this.picks.length - 1;
    while (last >= 0 && this.picks[last]! + 1 === this.counts[last]!) last--;
    return last < 0 ? undefined : [...this.picks.slice(0, last), this.picks[last]! + 1];
  }
}

function unfit(): MisuseError {
  return new MisuseError(
    'the schedule does not fit: the system is another one, or its factory does not build the same each time',
  );
}
