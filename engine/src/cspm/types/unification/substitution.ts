/** Types with their variables or datatypes replaced: a use of what is polymorphic, the copies that an instance of a module makes. */
import {
  type DatatypeName,
  dotableOf,
  dotList,
  dotsOf,
  fieldsOf,
  freeVariables,
  functionOf,
  GENERIC,
  headOf,
  type Type,
  tupleOf,
  type Variable,
} from '../type.ts';
import type { Budget } from './budget.ts';
import type { Variables } from './variables.ts';

interface Substitution {
  readonly variables: ReadonlyMap<Variable, Type>;
  readonly datatypes: ReadonlyMap<DatatypeName, DatatypeName>;
}

/** The type with fresh variables for the quantified ones. */
export function instantiate(type: Type, variables: Variables, budget: Budget): Type {
  const fresh = new Map<Variable, Type>();
  for (const variable of freeVariables(type)) {
    if (variable.level === GENERIC) fresh.set(variable, variables.born(variable.classes));
  }
  return fresh.size === 0 ? type : substitute(type, { variables: fresh, datatypes: new Map() }, budget);
}

/** The type with variables and datatypes replaced; shared parts stay shared. */
export function substitute(type: Type, by: Substitution, budget: Budget): Type {
  budget.enter();
  const here = headOf(type);
  const inner = (part: Type) => substitute(part, by, budget);
  let out: Type = here;
  switch (here.kind) {
    case 'variable':
      out = by.variables.get(here) ?? here;
      break;
    case 'datatype': {
      const of = by.datatypes.get(here.of);
      if (of !== undefined) out = { kind: 'datatype', of };
      break;
    }
    case 'set':
    case 'sequence':
      out = { kind: here.kind, of: inner(here.of) };
      break;
    case 'tuple':
      out = tupleOf(here.elements.map(inner));
      break;
    case 'map':
      out = { kind: 'map', key: inner(here.key), value: inner(here.value) };
      break;
    case 'function':
      out = functionOf(here.parameters.map(inner), inner(here.result));
      break;
    case 'dot':
      out = dotsOf(dotList(here).map(inner));
      break;
    case 'dotable': {
      const { fields, result } = fieldsOf(here);
      out = dotableOf(fields.map(inner), inner(result));
      break;
    }
    case 'extendable': {
      const replaced = by.variables.get(here.by);
      out = { kind: 'extendable', to: inner(here.to), by: replaced?.kind === 'variable' ? replaced : here.by };
      break;
    }
  }
  budget.leave();
  return out;
}
