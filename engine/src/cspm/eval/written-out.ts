/**
 * Prefixes whose event is written out, checked before anything runs.
 *
 * `ch!2` on `channel ch : {0..1}` is wrong wherever it stands, so it is found even where no exploration would reach it. Only literals, channels and
 * constructors of the script's top are evaluated, so this costs one look at each prefix.
 */
import { EvaluationFault } from '../assertion.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { Declaration, Expression } from '../syntax.ts';
import type { Compiler } from './compiler.ts';
import { dotted } from './dots.ts';
import { type Scope, Unit } from './scope.ts';
import { namesOf } from './shape.ts';
import type { Value } from './value.ts';

export function wrongPrefixes(
  compiler: Compiler,
  declarations: readonly Declaration[],
  scope: Scope,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const shadowed = namesBoundInside(declarations);
  visit(declarations, (node) => {
    if (node.kind !== 'prefix') return;
    const outputs: Expression[] = [];
    for (const field of node.fields) {
      if (field.kind !== 'output') break;
      outputs.push(field.expression);
    }
    const parts = [node.event, ...outputs];
    if (!parts.every((part) => isWrittenOut(part, scope, shadowed))) return;
    const unit = new Unit(undefined);
    const inner = scope.inner(unit);
    try {
      compiler.machine.budget.demand(node.span, () => {
        const frame = unit.enter([]);
        let event: Value | undefined;
        for (const part of parts) {
          const value = compiler.expression(part, inner)(frame);
          event = event === undefined ? value : dotted(compiler.machine.values, part.span, event, value);
        }
        if (outputs.length === node.fields.length) compiler.machine.event(event!, node.event.span);
      });
    } catch (error) {
      if (!(error instanceof EvaluationFault)) throw error;
      found.push(error.diagnostic);
    }
  });
  return found;
}

function isWrittenOut(expression: Expression, scope: Scope, shadowed: ReadonlySet<string>): boolean {
  switch (expression.kind) {
    case 'number':
    case 'boolean':
      return true;
    case 'paren':
      return isWrittenOut(expression.inner, scope, shadowed);
    case 'negate':
      return isWrittenOut(expression.operand, scope, shadowed);
    case 'dot':
      return isWrittenOut(expression.left, scope, shadowed) && isWrittenOut(expression.right, scope, shadowed);
    case 'name': {
      const { parts } = expression.name;
      if (parts.length > 1 || shadowed.has(parts[0]!)) return false;
      const binding = scope.own(parts[0]!);
      return binding?.kind === 'global' && binding.constructorOf !== undefined;
    }
    default:
      return false;
  }
}

/** Names that a `let` or a module declares: such a name may mean something else than at the top. */
function namesBoundInside(declarations: readonly Declaration[]): Set<string> {
  const names = new Set<string>();
  const declare = (inside: readonly Declaration[]): void => {
    for (const declaration of inside) {
      if (declaration.kind === 'function') names.add(declaration.name.name);
      if (declaration.kind === 'pattern') for (const name of namesOf(declaration.pattern)) names.add(name);
      if (declaration.kind === 'channel') for (const { name } of declaration.names) names.add(name);
      if (declaration.kind === 'datatype') for (const { name } of declaration.constructors) names.add(name.name);
    }
  };
  visit(declarations, (node) => {
    if (node.kind === 'let') declare(node.declarations);
    if (node.kind === 'module') {
      declare(node.hidden);
      declare(node.exported);
    }
  });
  return names;
}

type Node = Expression | Declaration;

/** Calls `look` for every node below, without recursion: a chain of prefixes may be long. */
function visit(roots: readonly unknown[], look: (node: Node) => void): void {
  const waiting: unknown[] = [...roots];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (Array.isArray(next)) {
      for (const item of next) waiting.push(item);
    } else if (typeof next === 'object' && next !== null) {
      const node = next as Record<string, unknown> & { readonly kind?: unknown };
      if (typeof node.kind === 'string') look(next as Node);
      for (const key in node) if (key !== 'span' && typeof node[key] === 'object') waiting.push(node[key]);
    }
  }
}
