/**
 * Types of a whole script: declarations in groups, those used before those that use them.
 *
 * Names of a group are typed together and then generalized, at the top and in modules; in a `let` only with an annotation, as in FDR.
 * An error ends its own clause, operand or declaration. What an erroneous declaration binds fits everywhere afterwards, so one mistake is one message.
 */
import type { Diagnostic } from '../diagnostic.ts';
import { type Dialect, tolerated } from '../dialect.ts';
import type { Script } from '../syntax.ts';
import { declare } from './declarations.ts';
import { stronglyConnected } from './groups.ts';
import { Inference, type Policy } from './infer.ts';
import { resolve } from './resolve.ts';
import { type Binding, poison, type Unit } from './scope.ts';
import { showType } from './show-type.ts';
import { fieldsOf, freeVariables } from './type.ts';

export interface TypeReport {
  readonly diagnostics: readonly Diagnostic[];
  /** The type of a name declared at the top or built in, as CSPM writes it; `M::x` for a name in a module. */
  typeOf(name: string): string | undefined;
}

export interface TypeOptions {
  /** Default: `fdr4`. */
  readonly dialect?: Dialect;
}

/**
 * Finds the types of a script's declarations, and what is wrong with its names and types.
 *
 * Never throws for a script, however broken. A diagnostic of severity `error` means that FDR, of the version the
 * dialect names, would refuse the script.
 * The type system is that of FDR (T. Gibson-Robinson, libcspm).
 *
 * @example
 * const { script } = parse('channel c : Int\nP(x) = c!x -> P(x + 1)', { file: 'counter.csp' });
 * checkTypes(script).typeOf('P'); // '(Int) -> Proc'
 */
export function checkTypes(script: Script, { dialect = 'fdr4' }: TypeOptions = {}): TypeReport {
  const resolution = resolve(script, dialect);
  const inference = new Inference(resolution, checkUnits);
  checkUnits(resolution.units, inference, { generalizes: 'all', ambiguity: true });
  const seen = new Set<string>();
  const diagnostics = [...resolution.diagnostics, ...inference.diagnostics]
    .filter(({ code, span, message }) => {
      const key = `${code} ${span.file} ${span.line} ${span.column} ${message}`;
      return !seen.has(key) && seen.add(key);
    })
    .sort((a, b) => order(a.span.file, b.span.file) || a.span.line - b.span.line || a.span.column - b.span.column);
  return {
    diagnostics: tolerated(diagnostics, dialect),
    typeOf(name) {
      const [first, ...rest] = name.split('::');
      let found = resolution.top.find(first!);
      for (const part of rest) found = found?.module?.members.get(part);
      if (found?.type === undefined || found.poisoned || found.module !== undefined) return undefined;
      return showType(found.type);
    },
  };
}

function checkUnits(units: readonly Unit[], inference: Inference, policy: Policy): void {
  const failedBefore = inference.failed;
  for (const group of stronglyConnected(units, (unit) => unit.uses)) {
    checkGroup(group, inference, policy);
    if (policy.generalizes === 'all' && inference.variables.level === 0) {
      inference.variables.forget();
      inference.budget.renew();
    }
  }
  // A failed declaration is poisoned already; what surrounds it need not be.
  inference.failed = failedBefore;
}

function checkGroup(group: readonly Unit[], inference: Inference, policy: Policy): void {
  const { variables } = inference;
  if (usesOwnInstance(group, inference)) return;
  const units = [...group].sort((a, b) => rank(a) - rank(b));
  const datatypes = units.flatMap((unit) =>
    unit.declaration.kind === 'datatype' ? unit.bindings.filter((each) => each.datatype) : [],
  );
  variables.level++;
  const introduce = () => {
    for (const unit of units) {
      if (unit.instance !== undefined) continue;
      for (const each of unit.bindings) {
        each.type = variables.fresh();
        each.generic = false;
      }
    }
  };
  const run = () => {
    introduce();
    for (const unit of units) checkUnit(unit, inference);
  };
  // Datatypes that refer to each other are comparable unless assuming so leads to an error.
  const assume = (comparable: boolean) => {
    for (const each of datatypes) each.datatype!.comparable = comparable;
  };
  assume(true);
  if (datatypes.length > 0 && !inference.trying && !inference.succeeds(run)) {
    assume(false);
    if (!inference.succeeds(run)) assume(true);
  }
  run();
  variables.level--;
  for (const unit of units) {
    if (!inference.attempt(() => settle(unit, inference, policy), unit.declaration.span)) poison(unit);
  }
}

/** Datatypes first: the shape of what patterns match on helps everything after. */
function rank(unit: Unit): number {
  return unit.declaration.kind === 'datatype' ? 0 : 1;
}

function usesOwnInstance(group: readonly Unit[], inference: Inference): boolean {
  const members = new Set(group);
  for (const unit of group) {
    const target = unit.instance?.target;
    if (target?.module === undefined) continue;
    if (![target.unit, ...target.module.units].some((used) => used !== undefined && used !== unit && members.has(used)))
      continue;
    inference.diagnostics.push({
      severity: 'error',
      code: 'CSP-TYP-010',
      span: unit.declaration.span,
      message: `The module \`${target.name}\` uses this instance of itself.`,
    });
    for (const each of group) poison(each);
    return true;
  }
  return false;
}

function checkUnit(unit: Unit, inference: Inference): void {
  const before = inference.failed;
  inference.failed = false;
  const reported = inference.diagnostics.length;
  inference.attempt(() => declare(unit, inference), unit.declaration.span);
  if (inference.failed) {
    poison(unit);
    if (unit.declaration.kind === 'print') {
      for (let i = reported; i < inference.diagnostics.length; i++) {
        inference.diagnostics[i] = { ...inference.diagnostics[i]!, severity: 'warning', code: 'CSP-TYP-017' };
      }
    }
  }
  inference.failed = before;
}

/** Quantifies what a checked declaration binds, and asks whether channels and constructors have one type each. */
function settle(unit: Unit, inference: Inference, policy: Policy): void {
  const { variables } = inference;
  const { declaration } = unit;
  for (const each of unit.bindings) {
    if (each.poisoned || each.type === undefined) continue;
    const annotated =
      (declaration.kind === 'function' || declaration.kind === 'pattern') && unit.annotations.has(plain(each));
    if (policy.generalizes === 'all' || annotated) each.generic = variables.generalize(each.type);
    else variables.keep(each.type);
    if (each.sort !== 'label' || (!policy.ambiguity && unit.instance === undefined)) continue;
    const inNested = unit.instance !== undefined && isInNested(each, unit);
    if (inNested || freeVariables(each.type).size === 0) continue;
    ambiguous(each, inference);
    each.poisoned = true;
  }
}

/** Whether a copied name lies in a module, inside the instance, that still takes arguments of its own. */
function isInNested(member: Binding, unit: Unit): boolean {
  return unit.bindings.some((each) => each.module?.needsInstance === true && member.name.startsWith(`${each.name}::`));
}

function ambiguous(label: Binding, inference: Inference): void {
  const { fields } = fieldsOf(label.type!);
  const open = fields.flatMap((field, i) => (freeVariables(field).size > 0 ? [i + 1] : []));
  const which = open.length === 0 ? '' : ` Say what field ${open.join(' and field ')} ranges over.`;
  inference.diagnostics.push({
    severity: 'error',
    code: 'CSP-TYP-008',
    span: label.unit?.instance === undefined ? label.span! : label.unit.declaration.span,
    message: `\`${label.name}\` has no particular type: ${showType(label.type!)}.${which}`,
  });
}

function plain(binding: Binding): string {
  return binding.name.slice(binding.name.lastIndexOf(':') + 1);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
