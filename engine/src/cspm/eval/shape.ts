/**
 * Which expressions are processes, found without evaluating anything.
 *
 * A process must stay a lazy call even when its definition recurses without a guard, so before a name is evaluated one must know whether it
 * stands for a process. Scripts are well typed, so one branch that is a process tells about all. Where the text alone does not tell (a parameter,
 * an unknown function) the answer is `unknown`, and the expression is evaluated like any other value.
 */
import type * as Syntax from '../syntax.ts';

export type Shape =
  | { readonly is: 'process' | 'value' | 'unknown' | 'cycle' }
  | { readonly is: 'function'; readonly result: () => Shape };

export const PROCESS: Shape = { is: 'process' };
export const VALUE: Shape = { is: 'value' };
export const UNKNOWN: Shape = { is: 'unknown' };
/** Met while it was being found: a definition that is only a name for itself. */
export const CYCLE: Shape = { is: 'cycle' };

export function functionTo(result: () => Shape): Shape {
  return { is: 'function', result };
}

/** A shape found on first use; asking while it is being found gives `CYCLE`. */
export function lazyShape(find: () => Shape): () => Shape {
  let state: 'waiting' | 'running' | Shape = 'waiting';
  return () => {
    if (state === 'running') return CYCLE;
    if (state === 'waiting') {
      state = 'running';
      state = find();
    }
    return state;
  };
}

/** Looks up the shape of a name. */
export type Shapes = (name: readonly string[]) => Shape;

export function shapeOf(expression: Syntax.Expression, shapes: Shapes): Shape {
  switch (expression.kind) {
    case 'name':
      return shapes(expression.name.parts);
    case 'paren':
      return shapeOf(expression.inner, shapes);
    case 'apply': {
      const shape = shapeOf(expression.function, shapes);
      return shape.is === 'function' ? shape.result() : shape.is === 'cycle' ? CYCLE : UNKNOWN;
    }
    case 'if':
      return join([expression.consequent, expression.alternative], (e) => shapeOf(e, shapes));
    case 'let': {
      const inner = localShapes(expression.declarations, shapes);
      return shapeOf(expression.body, inner);
    }
    case 'lambda': {
      const names = new Set(expression.parameters.flatMap(namesOf));
      const inner = hiding(names, shapes);
      return functionTo(() => shapeOf(expression.body, inner));
    }
    case 'prefix':
    case 'guard':
    case 'externalChoice':
    case 'internalChoice':
    case 'slidingChoice':
    case 'interrupt':
    case 'exception':
    case 'sequential':
    case 'interleave':
    case 'generalizedParallel':
    case 'alphabetizedParallel':
    case 'linkParallel':
    case 'synchronizingChoice':
    case 'synchronizingInterrupt':
    case 'hide':
    case 'project':
    case 'rename':
    case 'replicated':
      return PROCESS;
    default:
      return VALUE;
  }
}

function join<T>(items: readonly T[], shapeOfItem: (item: T) => Shape): Shape {
  let result = CYCLE;
  for (const item of items) {
    const shape = shapeOfItem(item);
    if (shape.is === 'process' || shape.is === 'value' || shape.is === 'function') return shape;
    if (shape.is === 'unknown') result = UNKNOWN;
  }
  return result;
}

/** The shape of a function declaration: one function an argument list. */
export function shapeOfFunction(declaration: Syntax.FunctionDeclaration, shapes: Shapes): Shape {
  const groups = declaration.clauses[0]?.parameters.length ?? 0;
  const result = lazyShape(() =>
    join(declaration.clauses, (clause) =>
      shapeOf(clause.body, hiding(new Set(clause.parameters.flat().flatMap(namesOf)), shapes)),
    ),
  );
  let shape: () => Shape = result;
  for (let i = 0; i < groups; i++) {
    const inner = shape;
    shape = () => functionTo(inner);
  }
  return shape();
}

/** The shapes of the names that `let` declares, over those around it. */
export function localShapes(declarations: readonly Syntax.Declaration[], shapes: Shapes): Shapes {
  const local = new Map<string, () => Shape>();
  const inner: Shapes = (name) => {
    const found = name.length === 1 ? local.get(name[0]!) : undefined;
    return found === undefined ? shapes(name) : found();
  };
  for (const declaration of declarations) {
    if (declaration.kind === 'function') {
      local.set(
        declaration.name.name,
        lazyShape(() => shapeOfFunction(declaration, inner)),
      );
    } else if (declaration.kind === 'pattern') {
      const name = plainName(declaration.pattern);
      if (name !== undefined)
        local.set(
          name,
          constantShape(() => shapeOf(declaration.body, inner)),
        );
      else for (const bound of namesOf(declaration.pattern)) local.set(bound, () => UNKNOWN);
    }
  }
  return inner;
}

/** The shape of `x = e`. `P = P` says nothing; it is taken for a process, which then diverges rather than faults. */
export function constantShape(find: () => Shape): () => Shape {
  return lazyShape(() => {
    const shape = find();
    return shape.is === 'cycle' ? PROCESS : shape;
  });
}

function hiding(names: ReadonlySet<string>, shapes: Shapes): Shapes {
  return (name) => (name.length === 1 && names.has(name[0]!) ? UNKNOWN : shapes(name));
}

/** The name in a pattern that is nothing but a name. */
export function plainName(pattern: Syntax.Pattern): string | undefined {
  if (pattern.kind === 'paren') return plainName(pattern.inner);
  return pattern.kind === 'name' && pattern.name.parts.length === 1 ? pattern.name.parts[0] : undefined;
}

/** All names in a pattern; some may be constructors. */
export function namesOf(pattern: Syntax.Pattern): string[] {
  switch (pattern.kind) {
    case 'name':
      return pattern.name.parts.length === 1 ? [pattern.name.parts[0]!] : [];
    case 'tuple':
    case 'sequence':
    case 'set':
      return pattern.elements.flatMap(namesOf);
    case 'concatenation':
    case 'dot':
    case 'both':
      return [...namesOf(pattern.left), ...namesOf(pattern.right)];
    case 'paren':
      return namesOf(pattern.inner);
    default:
      return [];
  }
}
