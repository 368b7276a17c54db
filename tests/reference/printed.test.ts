/** What `show` prints is CSPM: read back by the parser and evaluated, it means the same. */
import { OPERATORS, show } from '@enhanced-csp/engine/csp';
import { evaluate, parse, parseExpression } from '@enhanced-csp/engine/cspm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recipes } from './arbitrary.ts';
import { behaviorOf } from './behavior.ts';
import { explore, TooLarge } from './graph.ts';
import { ALL_OPS, type Shape } from './random-recipe.ts';
import { build, type Recipe } from './recipe.ts';
import { equivalent } from './refinement.ts';

// Definitions are printed by name, and a recipe's have none.
const OPS = ALL_OPS.filter((op) => op !== 'mu' && op !== 'variable');
const PRELUDE = 'channel a, b, c, d\ntransparent sbisim\nexternal chase, prioritise\n';

function readBack(recipe: Recipe): void {
  const { script, diagnostics } = parse(PRELUDE, { file: 'prelude' });
  expect(diagnostics).toEqual([]);
  const evaluation = evaluate(script);
  const { terms } = evaluation;
  const written = build(terms, recipe);
  const text = show(terms, written, 10_000);
  fc.pre(!text.includes('…'));

  const parsed = parseExpression(text, { file: 'printed' });
  expect(parsed.diagnostics, text).toEqual([]);
  const read = evaluation.process(parsed.expression!);
  try {
    const [one, other] = [behaviorOf(explore(terms, written, 300)), behaviorOf(explore(terms, read, 300))];
    for (const model of ['T', 'F', 'FD'] as const)
      expect(equivalent(model, one, other), `${model}: ${text}`).toBe(true);
  } catch (fault) {
    if (!(fault instanceof TooLarge)) throw fault;
    fc.pre(false);
  }
}

const shape: Shape = { size: 7, events: 3, ops: OPS };

test('a printed process reads back as one that means the same', () => {
  fc.assert(fc.property(recipes(shape), readBack), { seed: 5, numRuns: 400 });
});

test('every operator but calls and Ω has a notation that the parser takes', () => {
  const { script } = parse(`${PRELUDE}A = {a}\nB = {b}\nN = P\nP = STOP\nQ = SKIP\n`, { file: 'prelude' });
  const evaluation = evaluate(script);
  for (const { kind, notation } of Object.values(OPERATORS)) {
    if (kind === 'omega') continue;
    const { expression, diagnostics } = parseExpression(notation, { file: kind });
    expect(diagnostics, notation).toEqual([]);
    expect(evaluation.process(expression!).kind, notation).toBe(kind);
  }
});
