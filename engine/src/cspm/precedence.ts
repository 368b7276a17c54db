/**
 * How tightly the operators of CSPM bind, loosest first; the parser and the printer read this one table.
 * Source: the grammar of libcspm (Gibson-Robinson), and the FDR manual.
 */
export const PRECEDENCE = {
  /** `let`, `if`, lambda, replicated operators: they reach as far right as they can. */
  open: 0,
  /** `@@`. */
  both: 1,
  /** `\` and `|\`. Their right operand is a set: it stops at every process operator. */
  hide: 2,
  interleave: 3,
  /** `[|A|]`, `[A||B]`, `[|A|>`, `[a <-> b]`: side by side they need parentheses. */
  parallel: 4,
  internalChoice: 5,
  /** `[]` and `[+A+]`. */
  externalChoice: 6,
  /** `/\` and `/+A+\`. */
  interrupt: 7,
  slidingChoice: 8,
  sequential: 9,
  /** `&` and `->`, to the right. */
  prefix: 10,
  /** `?`, `!`, `$`. */
  field: 11,
  /** `.`, to the right. Looser than arithmetic and comparison: `c.x+1` is `c.(x+1)`. */
  dot: 13,
  /** The set of a field, `?x:S`. */
  fieldSet: 14,
  or: 15,
  and: 16,
  not: 17,
  /** `==`, `<` and so on: they do not chain. */
  comparison: 18,
  /** `+`, `-`, and the minus sign. */
  sum: 19,
  product: 20,
  /** `#`. */
  length: 21,
  concatenation: 22,
  /** Application and renaming. */
  postfix: 23,
  /** Names, literals, everything in brackets. */
  atom: 24,
} as const;
