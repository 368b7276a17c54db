/**
 * The rules of a network whose state is one word, as far as they are simple: no partner, or one that can take part in one way at most.
 *
 * Nearly all rules of nearly all networks are so, and they can be applied without asking: each successor is written, and counted only if its partner
 * offers the event. There is no branch to be guessed wrong. All tables are parts of one array, for the reason given in `successors.ts`.
 */
import { ENTRY_SIZE, PARTNER_SIZE, type Program } from './program.ts';
import { EVENT, LOW, type Successors } from './successors.ts';

/** Of a lead: where its state is in the word, and where the place of the entries of its state 0 is told. */
const LEAD_SIZE = 3;
/** An entry: result, the lead's move, where the partner's state is in the word, and where its row begins. */
const SIMPLE_SIZE = 5;
/** A partner's row has for each of its states 1 if it takes part, and its move. */
const WAY_SIZE = 2;

export interface WordRules {
  readonly leadCount: number;
  /** At most so many successors has a state by these rules. */
  readonly entryCount: number;
  readonly table: Int32Array;
  /** What is left of the program. */
  readonly others: Pick<Program, 'starts' | 'code'>;
}

/** Splits a program of one word. */
export function wordRules(program: Program): WordRules {
  const { fields, leads, bases, starts, code, offers, moves } = program;
  const alone = offers.length;
  const places: number[] = [];
  const simple: number[] = [];
  const others: number[] = [];
  const otherStarts = new Int32Array(starts.length);
  for (const [at, start] of starts.entries()) {
    places.push(simple.length);
    otherStarts[at] = others.length;
    const end = starts[at + 1] ?? start;
    for (let p = start; p < end; p += ENTRY_SIZE + code[p + 3]! * PARTNER_SIZE) {
      const partner = code[p + 3] === 0 ? undefined : fields[code[p + 4]!]!;
      if (partner === undefined) simple.push(code[p]!, code[p + 2]!, 0, 0, alone);
      else if (code[p + 3] === 1 && atMostOneWay(program, code[p + 5]!, partner.mask + 1)) {
        simple.push(code[p]!, code[p + 2]!, partner.shift, partner.mask, code[p + 5]!);
      } else others.push(...code.subarray(p, p + ENTRY_SIZE + code[p + 3]! * PARTNER_SIZE));
    }
  }
  const placesAt = leads.length * LEAD_SIZE;
  const simpleAt = placesAt + places.length;
  const rowsAt = simpleAt + simple.length;
  const table = new Int32Array(rowsAt + (alone + 1) * WAY_SIZE);
  for (const [l, lead] of leads.entries()) {
    table.set([fields[lead]!.shift, fields[lead]!.mask, placesAt + bases[lead]!], l * LEAD_SIZE);
  }
  for (const [i, place] of places.entries()) table[placesAt + i] = simpleAt + place;
  table.set(simple, simpleAt);
  for (let p = simpleAt; p < rowsAt; p += SIMPLE_SIZE) table[p + 4] = rowsAt + table[p + 4]! * WAY_SIZE;
  for (const [i, move] of offers.entries()) {
    if (move !== 0 && moves[move] === 1) table.set([1, moves[move + 2]!], rowsAt + i * WAY_SIZE);
  }
  table[rowsAt + alone * WAY_SIZE] = 1;
  const entryCount = simple.length / SIMPLE_SIZE;
  return { leadCount: leads.length, entryCount, table, others: { starts: otherStarts, code: Int32Array.from(others) } };
}

function atMostOneWay({ offers, moves }: Program, row: number, stateCount: number): boolean {
  const end = Math.min(offers.length, row + stateCount);
  for (let i = row; i < end; i++) if (moves[offers[i]!]! > 1) return false;
  return true;
}

/** Appends the successors of `word` to the `count` there are; how many there are then. */
export function applySimply({ leadCount, table }: WordRules, word: number, into: Successors, count: number): number {
  let { rows, capacity } = into;
  for (let lead = 0; lead < leadCount * LEAD_SIZE; lead += LEAD_SIZE) {
    const at = table[lead + 2]! + ((word >>> table[lead]!) & table[lead + 1]!);
    const end = table[at + 1]!;
    // One row too many is written where the last partner does not take part.
    if (count + end - table[at]! > capacity) {
      into.reserve(count + end - table[at]!);
      rows = into.rows;
      capacity = into.capacity;
    }
    for (let p = table[at]!; p < end; p += SIMPLE_SIZE) {
      const way = table[p + 4]! + WAY_SIZE * ((word >>> table[p + 2]!) & table[p + 3]!);
      rows[EVENT * capacity + count] = table[p]!;
      rows[LOW * capacity + count] = word ^ table[p + 1]! ^ table[way + 1]!;
      count += table[way]!;
    }
  }
  return count;
}
