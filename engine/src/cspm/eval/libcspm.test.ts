/** libcspm's own evaluator tests: each top-level `test…` of a script in should_pass is true; each script in should_fail ends in a diagnostic. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EvaluationFault } from '../assertion.ts';
import { parse, parseExpression } from '../parser.ts';
import type { Declaration, Script } from '../syntax.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { namesOf } from './shape.ts';

const CORPUS = new URL('../../../../tests/corpus/libcspm/evaluator/', import.meta.url);

function scripts(folder: string): string[] {
  return readdirSync(new URL(folder, CORPUS)).filter((name) => name.endsWith('.csp'));
}

function read(path: string): Script {
  const { script, diagnostics } = parse(readFileSync(new URL(path, CORPUS), 'utf8'), { file: path });
  expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
  return script;
}

function tests(declarations: readonly Declaration[], prefix: string): string[] {
  return declarations
    .flatMap((d) => (d.kind === 'pattern' ? namesOf(d.pattern) : []))
    .filter((name) => name.startsWith(prefix));
}

function expressionOf(text: string) {
  return parseExpression(text, { file: 'test' }).expression!;
}

/** The diagnostics of a script whose processes and values are all asked for, first steps of processes too. */
function allFaults(script: Script, evaluation: Evaluation): string[] {
  const found = evaluation.diagnostics.map((d) => d.code);
  const attempt = (run: () => unknown): void => {
    try {
      run();
    } catch (error) {
      if (!(error instanceof EvaluationFault)) throw error;
      found.push(error.diagnostic.code);
    }
  };
  for (const name of tests(script.declarations, 'test')) attempt(() => evaluation.value(expressionOf(name)));
  for (const name of tests(script.declarations, 'procTest')) {
    attempt(() => {
      let process = evaluation.process(expressionOf(name));
      for (let i = 0; i < 10 && process.kind === 'call'; i++) process = process.unfold();
    });
  }
  return found;
}

describe('should_pass', () => {
  for (const name of scripts('should_pass/')) {
    test(name, () => {
      const script = read(`should_pass/${name}`);
      const evaluation = evaluate(script);
      expect(evaluation.diagnostics).toEqual([]);
      for (const binding of tests(script.declarations, 'test')) {
        expect(`${binding} = ${evaluation.value(expressionOf(binding))}`).toBe(`${binding} = true`);
      }
      expect(allFaults(script, evaluation)).toEqual([]);
      for (const assertion of evaluation.assertions) {
        if (assertion.form === 'refinement') assertion.implementation();
        if (assertion.form === 'property') assertion.process();
      }
    });
  }
});

describe('should_fail', () => {
  for (const name of scripts('should_fail/')) {
    test(name, () => {
      const script = read(`should_fail/${name}`);
      expect(allFaults(script, evaluate(script)).length).toBeGreaterThan(0);
    });
  }
});
