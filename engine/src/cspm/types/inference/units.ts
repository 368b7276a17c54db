/**
 * Declarations in groups, those used before those that use them.
 *
 * Names of a group are typed together and then generalized, at the top and in modules; in a `let` only with an annotation, as in FDR.
 * An error ends its own clause, operand or declaration. What an erroneous declaration binds fits everywhere afterwards, so one mistake is one message.
 */
import type { Diagnostic } from '../../diagnostic.ts';
import type { Resolution } from '../resolution/index.ts';
import { type Binding, poison, type Unit } from '../scope.ts';
import { showType } from '../show-type.ts';
import { fieldsOf, freeVariables } from '../type.ts';
import { declare } from './declarations.ts';
import { stronglyConnected } from './groups.ts';
import { Inference, type Policy } from './inference.ts';
import { checkProcess } from './processes.ts';

/** Gives the bindings of a script their types; what is wrong with them. */
export function inferTypes(resolution: Resolution): readonly Diagnostic[] {
  const inference = new Inference(resolution, checkUnits, checkProcess);
  checkUnits(resolution.units, inference, { generalizes: 'all', ambiguity: true });
  return inference.diagnostics;
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
