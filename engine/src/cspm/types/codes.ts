/** Every code the type checker can report: what it means, and what to do about it. A test holds this table equal to what is reported. */
import type { CodeMeaning } from '../codes.ts';

export const TYPE_CODES = {
  'CSP-TYP-001': { meaning: 'A name is not defined here.', remedy: 'Define it, or write the name that was meant.' },
  'CSP-TYP-002': {
    meaning: 'A name is defined twice in one scope.',
    remedy: 'Rename one of the two; the clauses of a function stand together, in one file.',
  },
  'CSP-TYP-003': {
    meaning: 'Two types that must be equal are not.',
    remedy: 'Change the expression, or what it is compared with.',
  },
  'CSP-TYP-004': {
    meaning: 'A function or module is given a wrong number of arguments.',
    remedy: 'Give as many as it takes; `f(x)(y)` and `f(x,y)` differ.',
  },
  'CSP-TYP-005': {
    meaning: 'A type does not belong to a class that its use needs.',
    remedy:
      'Eq: no processes or functions inside. Ord: integers, characters, sets, sequences. Complete: all fields given. Yieldable: an event or a member of a datatype.',
  },
  'CSP-TYP-006': {
    meaning: 'A type would contain itself.',
    remedy: 'Look for a value used both as a whole and as a part, such as `x = <x>`.',
  },
  'CSP-TYP-007': {
    meaning: 'What is applied is not a function.',
    remedy: 'Remove the arguments, or apply a function.',
  },
  'CSP-TYP-008': {
    meaning: 'A channel or constructor has a field of no particular type.',
    remedy: 'Say which set the field ranges over; `{}` alone does not.',
  },
  'CSP-TYP-009': {
    meaning: 'A module is used as a value, or a value as a module, or what a module hides is used outside.',
    remedy: 'Export the name, or make an instance of a module that takes arguments.',
  },
  'CSP-TYP-010': {
    meaning: 'A module uses an instance of itself.',
    remedy: 'Move what both need out of the module.',
  },
  'CSP-TYP-011': {
    meaning: 'A clause of a subtype has more fields than its constructor.',
    remedy: 'Give at most the fields that the datatype declares.',
  },
  'CSP-TYP-012': { meaning: 'A `$` stands after a `?` or a `!`.', remedy: 'Put the nondeterministic fields first.' },
  'CSP-TYP-013': {
    meaning: 'A transparent or external function is unknown.',
    remedy: 'Check its name, and whether it is transparent or external.',
  },
  'CSP-TYP-014': {
    meaning: 'A name with `::` in a pattern is neither a channel nor a constructor.',
    remedy: 'Use a plain name for a variable.',
  },
  'CSP-TYP-015': {
    meaning: 'A type annotation cannot be understood.',
    remedy: 'Constrain type variables of that annotation; name datatypes, `Int`, `Bool`, `Char`, `Proc`, `Event`.',
  },
  'CSP-TYP-016': {
    meaning: 'An expression or a type is nested too deep to be checked.',
    remedy: 'Name parts of the expression.',
  },
  'CSP-TYP-017': {
    meaning: 'A printed expression has no type.',
    remedy: 'Correct it; the rest of the script is fine.',
  },
  'CSP-TYP-018': {
    meaning: 'A transparent or external function is imported twice.',
    remedy: 'Remove one of the two.',
  },
  'CSP-TYP-019': { meaning: 'A timed section needs an event `tock`.', remedy: 'Declare `channel tock`.' },
} as const satisfies Record<string, CodeMeaning>;

export type TypeCode = keyof typeof TYPE_CODES;
