/**
 * Names in expressions. What an expression binds, its parts see: here stand the rules of scope for each kind.
 *
 * Expressions wait in a queue with their scope, so that scripts nested deeply need no deep stack.
 */
import type { Declaration, Expression, Field, Link, Pattern, RenamingPair, Statement } from '../../syntax.ts';
import { type Binding, Scope, type Unit } from '../scope.ts';
import type { Lookup } from './lookup.ts';
import { binderInto, bindPattern } from './patterns.ts';

/** Brings declarations into a scope, in a declaration; their units. */
type Declare = (declarations: readonly Declaration[], scope: Scope, parent: Unit) => readonly Unit[];

export class Expressions {
  /** The declarations of each `let`. */
  readonly lets = new Map<Expression, readonly Unit[]>();
  readonly #lookup: Lookup;
  /** Passed in, because declarations and expressions contain each other. */
  readonly #declare: Declare;
  readonly #queue: { readonly expression: Expression; readonly scope: Scope; readonly unit: Unit }[] = [];

  constructor(lookup: Lookup, declare: Declare) {
    this.#lookup = lookup;
    this.#declare = declare;
  }

  /** Puts an expression of the declaration `unit` into the queue. */
  later(expression: Expression, scope: Scope, unit: Unit): void {
    this.#queue.push({ expression, scope, unit });
  }

  /** Resolves all that is in the queue. */
  run(): void {
    for (let task = this.#queue.pop(); task !== undefined; task = this.#queue.pop()) {
      this.#expression(task.expression, task.scope, task.unit);
    }
  }

  #expression(expression: Expression, scope: Scope, unit: Unit): void {
    const go = (part: Expression) => this.later(part, scope, unit);
    switch (expression.kind) {
      case 'number':
      case 'boolean':
      case 'char':
      case 'string':
        return;
      case 'name': {
        const found = this.#lookup.find(expression.name, scope, 'value', unit);
        this.#lookup.bindings.set(expression, found);
        return;
      }
      case 'apply':
        go(expression.function);
        for (const argument of expression.arguments) go(argument);
        return;
      case 'binary':
      case 'dot':
      case 'externalChoice':
      case 'internalChoice':
      case 'slidingChoice':
      case 'interrupt':
      case 'sequential':
      case 'interleave':
        go(expression.left);
        go(expression.right);
        return;
      case 'negate':
      case 'not':
      case 'length':
        go(expression.operand);
        return;
      case 'paren':
        go(expression.inner);
        return;
      case 'tuple':
      case 'set':
      case 'sequence':
        for (const element of expression.elements) go(element);
        return;
      case 'setRange':
      case 'sequenceRange':
        go(expression.low);
        if (expression.high !== undefined) go(expression.high);
        return;
      case 'setComprehension':
      case 'sequenceComprehension':
      case 'productions': {
        const inside = this.#statements(expression.statements, scope, unit);
        for (const element of expression.elements) this.later(element, inside, unit);
        return;
      }
      case 'setRangeComprehension':
      case 'sequenceRangeComprehension': {
        const inside = this.#statements(expression.statements, scope, unit);
        this.later(expression.low, inside, unit);
        if (expression.high !== undefined) this.later(expression.high, inside, unit);
        return;
      }
      case 'map':
        for (const { key, value } of expression.entries) {
          go(key);
          go(value);
        }
        return;
      case 'lambda': {
        const inside = new Scope(scope);
        for (const pattern of expression.parameters) {
          // FDR lets a later parameter hide an earlier one of the same name.
          bindPattern(pattern, scope, unit, binderInto(inside, this.#lookup, new Map()), this.#lookup);
        }
        this.later(expression.body, inside, unit);
        return;
      }
      case 'let': {
        const inside = new Scope(scope);
        this.lets.set(expression, this.#declare(expression.declarations, inside, unit));
        this.later(expression.body, inside, unit);
        return;
      }
      case 'if':
        go(expression.condition);
        go(expression.consequent);
        go(expression.alternative);
        return;
      case 'prefix':
        go(expression.event);
        this.later(expression.process, this.#fields(expression.fields, scope, unit), unit);
        return;
      case 'guard':
        go(expression.condition);
        go(expression.process);
        return;
      case 'exception':
      case 'generalizedParallel':
      case 'synchronizingChoice':
      case 'synchronizingInterrupt':
        go(expression.left);
        go(expression.events);
        go(expression.right);
        return;
      case 'alphabetizedParallel':
        go(expression.left);
        go(expression.leftAlphabet);
        go(expression.rightAlphabet);
        go(expression.right);
        return;
      case 'linkParallel': {
        go(expression.left);
        go(expression.right);
        this.#links(expression.links, this.#statements(expression.statements, scope, unit), unit);
        return;
      }
      case 'hide':
      case 'project':
        go(expression.process);
        go(expression.events);
        return;
      case 'rename': {
        go(expression.process);
        const inside = this.#statements(expression.statements, scope, unit);
        for (const pair of expression.pairs) this.#pair(pair, inside, unit);
        return;
      }
      case 'replicated': {
        const { operator } = expression;
        // What all copies share is read outside the scope of their index, except the alphabet of each.
        if (operator.of === 'generalizedParallel' || operator.of === 'synchronizingChoice') go(operator.events);
        const inside = this.#statements(expression.statements, scope, unit);
        if (operator.of === 'alphabetizedParallel') this.later(operator.alphabet, inside, unit);
        if (operator.of === 'linkParallel')
          this.#links(operator.links, this.#statements(operator.statements, inside, unit), unit);
        this.later(expression.body, inside, unit);
        return;
      }
      default:
        expression satisfies never;
    }
  }

  #pair(pair: RenamingPair, scope: Scope, unit: Unit): void {
    this.later(pair.from, scope, unit);
    this.later(pair.to, scope, unit);
  }

  #links(links: readonly Link[], scope: Scope, unit: Unit): void {
    for (const link of links) {
      this.later(link.left, scope, unit);
      this.later(link.right, scope, unit);
    }
  }

  /** The scope behind the statements; each sees the variables of those before it. */
  #statements(statements: readonly Statement[], scope: Scope, unit: Unit): Scope {
    let inside = scope;
    const taken = new Map<string, Binding>();
    for (const statement of statements) {
      if (statement.kind === 'condition') this.later(statement.expression, inside, unit);
      else {
        this.later(statement.from, inside, unit);
        inside = this.#extend(statement.pattern, inside, taken, unit);
      }
    }
    return inside;
  }

  /** The scope behind the fields. Nondeterministic fields are chosen first, so all others see their variables. */
  #fields(fields: readonly Field[], scope: Scope, unit: Unit): Scope {
    let inside = scope;
    let settled = false;
    const taken = new Map<string, Binding>();
    for (const field of fields) {
      if (field.kind !== 'nondeterministic') settled = true;
      else if (settled)
        this.#lookup.report(
          'CSP-TYP-012',
          field.span,
          'A nondeterministic field `$` must stand before every `?` and `!`.',
        );
    }
    for (const first of [true, false]) {
      for (const field of fields) {
        if ((field.kind === 'nondeterministic') !== first) continue;
        if (field.kind === 'output') {
          this.later(field.expression, inside, unit);
          continue;
        }
        if (field.from !== undefined) this.later(field.from, inside, unit);
        inside = this.#extend(field.pattern, inside, taken, unit);
      }
    }
    return inside;
  }

  #extend(pattern: Pattern, scope: Scope, taken: Map<string, Binding>, unit: Unit): Scope {
    const inside = new Scope(scope);
    bindPattern(pattern, scope, unit, binderInto(inside, this.#lookup, taken), this.#lookup);
    return inside.names.size === 0 ? scope : inside;
  }
}
