/** The type of one declaration: functions by their clauses, channels and datatypes by their fields, modules by their arguments, instances by their module. */
import type {
  ChannelDeclaration,
  Clause,
  Constructor,
  DatatypeDeclaration,
  Expression,
  FunctionDeclaration,
  Identifier,
  SubtypeDeclaration,
} from '../../syntax.ts';
import { type Binding, poison, type Unit } from '../scope.ts';
import {
  type DatatypeName,
  dotableOf,
  dotList,
  dotsOf,
  EVENT,
  fieldsOf,
  freeVariables,
  functionOf,
  GENERIC,
  headOf,
  INT,
  setOf,
  type Type,
  tupleOf,
  type Variable,
} from '../type.ts';
import { instantiate, substitute } from '../unification/index.ts';
import { annotatedType } from './annotations.ts';
import { check, infer } from './expressions.ts';
import type { Inference } from './inference.ts';
import { inferPattern } from './patterns.ts';
import { checkProcess } from './processes.ts';

/** Types what one declaration binds; the bindings have variables for types already, which their uses in the same group share. */
export function declare(unit: Unit, inference: Inference): void {
  const { declaration } = unit;
  switch (declaration.kind) {
    case 'function':
      declareFunction(declaration, unit, inference);
      return;
    case 'pattern': {
      const annotation = [...unit.annotations.values()][0];
      let type: Type;
      let body: Type;
      if (annotation === undefined) {
        type = inferPattern(declaration.pattern, inference);
        body = infer(declaration.body, inference);
      } else {
        const wanted = annotatedType(annotation, inference);
        type = inference.expect(
          declaration.pattern.span,
          wanted,
          inferPattern(declaration.pattern, inference),
          'this pattern, by its annotation',
        );
        body = check(declaration.body, wanted, 'this definition, by its annotation', inference);
      }
      type = inference.evaluate(declaration.pattern.span, type);
      body = inference.evaluate(declaration.body.span, body);
      inference.expect(declaration.body.span, body, type, 'this pattern', true);
      return;
    }
    case 'channel':
      declareChannel(declaration, unit, inference);
      return;
    case 'datatype':
      declareDatatype(declaration, unit, inference);
      return;
    case 'subtype':
      declareSubtype(declaration, unit, inference);
      return;
    case 'nametype': {
      const annotation = unit.annotations.get(declaration.name.name);
      let type =
        annotation === undefined
          ? infer(declaration.type, inference)
          : check(declaration.type, annotatedType(annotation, inference), 'this type, by its annotation', inference);
      type = membersOf(type, declaration.type, inference);
      inference.require(declaration.type.span, 'Complete', type, 'the members of a type');
      bind(unit.bindings[0]!, setOf(type), declaration.name, inference);
      return;
    }
    case 'assert': {
      const { assertion, options } = declaration;
      if (assertion.form === 'refinement') {
        checkProcess(assertion.specification, inference);
        checkProcess(assertion.implementation, inference);
      } else {
        checkProcess(assertion.process, inference);
        if (assertion.form === 'has trace') {
          if (assertion.trace.kind === 'sequence') {
            for (const event of assertion.trace.elements)
              inference.attempt(() => check(event, EVENT, 'an event of this trace', inference), event.span);
          } else check(assertion.trace, { kind: 'sequence', of: EVENT }, 'a trace', inference);
        }
      }
      for (const option of options)
        if (option.option === 'tau priority')
          check(option.events, setOf(EVENT), 'the events that tau precedes', inference);
      return;
    }
    case 'print':
      infer(declaration.expression, inference);
      return;
    case 'timed': {
      const tock = inference.resolution.tocks.get(declaration);
      if (tock !== undefined) inference.expect(declaration.span, EVENT, inference.typeOf(tock), '`tock`');
      if (declaration.duration !== undefined) {
        check(declaration.duration, functionOf([EVENT], INT), 'the durations of a timed section', inference);
      }
      return;
    }
    case 'module': {
      const { parameters } = declaration;
      for (const parameter of parameters) inference.introduce(parameter);
      const types = () =>
        parameters.map((parameter) => inference.evaluate(parameter.span, inferPattern(parameter, inference)));
      if (parameters.length > 0) {
        types();
        inference.checkUnits(unit.inner, { generalizes: 'all', ambiguity: false });
      }
      unit.bindings[0]!.type = tupleOf(types());
      return;
    }
    case 'instance':
      declareInstance(unit, declaration.arguments, inference);
      return;
    case 'external':
    case 'transparent':
    case 'annotation':
      return;
    default:
      declaration satisfies never;
  }
}

/** Adds what a declaration says about a name to what its uses in the same group said. */
function bind(binding: Binding, type: Type, name: Identifier, inference: Inference): void {
  inference.expect(name.span, binding.type!, type, `\`${name.name}\`, as it is used`);
}

function declareFunction(declaration: FunctionDeclaration, unit: Unit, inference: Inference): void {
  const annotation = unit.annotations.get(declaration.name.name);
  const wanted = annotation === undefined ? undefined : annotatedType(annotation, inference);
  const types: { readonly type: Type; readonly clause: Clause }[] = [];
  const shape = declaration.clauses[0]!.parameters;
  for (const clause of declaration.clauses) {
    inference.attempt(() => {
      const same =
        clause.parameters.length === shape.length &&
        clause.parameters.every((list, i) => list.length === shape[i]!.length);
      if (!same)
        inference.reject(
          'CSP-TYP-004',
          clause.span,
          `This clause of \`${declaration.name.name}\` takes other arguments than the first one.`,
        );
      types.push({
        clause,
        type: wanted === undefined ? inferClause(clause, inference) : checkClause(clause, wanted, inference),
      });
    }, clause.span);
  }
  // From the last clause to the first, so that the first one is what the others must agree with.
  let all: Type | undefined;
  for (const { type, clause } of types.reverse()) {
    const rest: Type | undefined = all;
    if (rest === undefined) all = type;
    else
      inference.attempt(
        () => (all = inference.expect(clause.span, type, rest, `the clauses of \`${declaration.name.name}\``)),
        clause.span,
      );
  }
  if (all !== undefined) bind(unit.bindings[0]!, all, declaration.name, inference);
}

function inferClause(clause: Clause, inference: Inference): Type {
  for (const parameter of clause.parameters.flat()) inference.introduce(parameter);
  const parameterTypes = () =>
    clause.parameters.map((list) => list.map((each) => inference.evaluate(each.span, inferPattern(each, inference))));
  // The patterns once before the body, so that it knows them, and once after: the body may have settled more of their dots.
  parameterTypes();
  const result = inference.evaluate(clause.body.span, infer(clause.body, inference));
  return parameterTypes().reduceRight<Type>((type, list) => functionOf(list, type), result);
}

function checkClause(clause: Clause, wanted: Type, inference: Inference): Type {
  const { variables } = inference;
  const result = variables.fresh();
  const parameters = clause.parameters.map((list) => list.map(() => variables.fresh()));
  const type = parameters.reduceRight<Type>((rest, list) => functionOf(list, rest), result);
  inference.expect(clause.span, wanted, type, 'this clause, by its annotation');
  for (const each of clause.parameters.flat()) inference.introduce(each);
  clause.parameters.forEach((list, i) => {
    list.forEach((each, j) => {
      const argument = inference.evaluate(each.span, parameters[i]![j]!);
      const actual = inference.evaluate(each.span, inferPattern(each, inference));
      inference.expect(each.span, actual, argument, 'this pattern, by its annotation', true);
    });
  });
  const body = inference.evaluate(
    clause.body.span,
    check(clause.body, headOf(result), 'this definition, by its annotation', inference),
  );
  const types = clause.parameters.map((list) =>
    list.map((each) => inference.evaluate(each.span, inferPattern(each, inference))),
  );
  return types.reduceRight<Type>((rest, list) => functionOf(list, rest), body);
}

/** The type of the members of a type expression: `{0..1}.Bool` has members `Int.Bool`. */
function membersOf(type: Type, expression: Expression, inference: Inference): Type {
  const here = headOf(type);
  if (here.kind === 'anything') return here;
  if (here.kind === 'tuple') return tupleOf(here.elements.map((element) => membersOf(element, expression, inference)));
  if (here.kind === 'dot') return dotsOf(dotList(here).map((part) => membersOf(part, expression, inference)));
  const of = inference.variables.fresh();
  inference.expect(expression.span, setOf(of), here, 'a type, which is a set');
  return of;
}

function declareChannel(declaration: ChannelDeclaration, unit: Unit, inference: Inference): void {
  const annotation = [...unit.annotations.values()][0];
  let type: Type = EVENT;
  if (declaration.type === undefined) {
    if (annotation !== undefined)
      inference.expect(declaration.span, EVENT, annotatedType(annotation, inference), 'a channel without fields');
  } else {
    let fields: Type;
    if (annotation === undefined) fields = infer(declaration.type, inference);
    else {
      const wanted = annotatedType(annotation, inference);
      const shape = fieldsOf(wanted);
      inference.expect(declaration.span, EVENT, shape.result, 'the annotation of a channel');
      inference.expect(
        declaration.span,
        dotableOf([inference.variables.fresh()], EVENT),
        wanted,
        'the annotation of a channel',
      );
      fields = check(declaration.type, dotsOf(shape.fields.map(setOf)), 'this channel, by its annotation', inference);
    }
    const members = membersOf(inference.evaluate(declaration.type.span, fields), declaration.type, inference);
    inference.require(declaration.type.span, 'Eq', members, 'the fields of a channel');
    inference.require(declaration.type.span, 'Complete', members, 'the fields of a channel');
    type = dotableOf(dotList(members), EVENT);
  }
  for (const [i, name] of declaration.names.entries()) bind(unit.bindings[i]!, type, name, inference);
}

function constructorFields(clause: Constructor, inference: Inference): Type[] {
  if (clause.type === undefined) return [];
  const type = inference.evaluate(clause.type.span, infer(clause.type, inference));
  const members = membersOf(type, clause.type, inference);
  inference.require(clause.type.span, 'Complete', members, 'the fields of a constructor');
  return dotList(members);
}

function declareDatatype(declaration: DatatypeDeclaration, unit: Unit, inference: Inference): void {
  const owner = unit.bindings.find((each) => each.datatype !== undefined)!;
  const of: Type = { kind: 'datatype', of: owner.datatype! };
  bind(owner, setOf(of), declaration.name, inference);
  const all: { readonly type: Type; readonly clause: Constructor }[] = [];
  for (const clause of declaration.constructors) {
    const label = inference.resolution.bindings.get(clause.name)!;
    inference.attempt(() => {
      const annotation = unit.annotations.get(clause.name.name);
      const fields = constructorFields(clause, inference);
      const type = dotableOf(fields, of);
      if (annotation !== undefined) {
        inference.expect(
          clause.span,
          annotatedType(annotation, inference),
          type,
          'this constructor, by its annotation',
        );
      }
      bind(label, type, clause.name, inference);
      all.push(...fields.map((field) => ({ type: field, clause })));
    }, clause.span);
  }
  if (!owner.datatype!.comparable) return;
  for (const { type, clause } of all)
    inference.require(clause.span, 'Eq', type, `comparing members of \`${declaration.name.name}\``);
}

function declareSubtype(declaration: SubtypeDeclaration, unit: Unit, inference: Inference): void {
  const parent = inference.variables.fresh();
  for (const clause of declaration.constructors) {
    const given = constructorFields(clause, inference);
    const label = inference.resolution.bindings.get(clause.name)!;
    if (label.poisoned) continue;
    const { fields, result } = fieldsOf(inference.typeOf(label));
    if (result.kind === 'anything') continue;
    if (given.length > fields.length) {
      inference.reject(
        'CSP-TYP-011',
        clause.span,
        `\`${clause.name.name}\` takes ${fields.length} field${fields.length === 1 ? '' : 's'}, but is given ${given.length} here.`,
      );
    }
    const whole: Type = { kind: 'extendable', to: parent, by: inference.variables.fresh() };
    inference.expect(clause.span, whole, result, 'a constructor of this subtype');
    given.forEach((type, i) => {
      inference.expect(clause.span, fields[i]!, type, `field ${i + 1} of \`${clause.name.name}\``);
    });
  }
  bind(unit.bindings[0]!, setOf(parent), declaration.name, inference);
}

function declareInstance(unit: Unit, args: readonly Expression[], inference: Inference): void {
  const { target, copies } = unit.instance!;
  const own = unit.bindings[0]!;
  if (target.poisoned || target.type === undefined || own.poisoned) {
    for (const argument of args) infer(argument, inference);
    poison(unit);
    return;
  }
  const variables = new Map<Variable, Type>();
  for (const variable of freeVariables(target.type)) {
    if (variable.level === GENERIC)
      variables.set(variable, instantiate(variable, inference.variables, inference.budget));
  }
  const datatypes = new Map<DatatypeName, DatatypeName>();
  for (const [theirs, ours] of copies)
    if (theirs.datatype !== undefined) datatypes.set(theirs.datatype, ours.datatype!);
  const parameters = headOf(substitute(target.type, { variables, datatypes: new Map() }, inference.budget));
  const wanted = parameters.kind === 'tuple' ? parameters.elements : [];
  if (wanted.length !== args.length) {
    inference.reject(
      'CSP-TYP-004',
      unit.declaration.span,
      `The module \`${target.name}\` takes ${wanted.length} arguments, but is given ${args.length}.`,
    );
  }
  args.forEach((argument, i) => {
    check(
      argument,
      wanted[i]!,
      args.length === 1 ? `the argument of \`${target.name}\`` : `argument ${i + 1} of \`${target.name}\``,
      inference,
    );
  });
  own.type = tupleOf([]);
  for (const [theirs, ours] of copies) {
    if (theirs.poisoned || theirs.type === undefined) ours.poisoned = true;
    else ours.type = substitute(theirs.type, { variables, datatypes }, inference.budget);
  }
  for (const [theirs, ours] of copies) {
    if (theirs.datatype === undefined || ours.poisoned) continue;
    const name = ours.datatype!;
    name.comparable = true;
    name.comparable = inference.succeeds(() => {
      for (const label of ours.constructors)
        if (label.type !== undefined)
          inference.require(unit.declaration.span, 'Eq', label.type, `comparing members of \`${name.name}\``);
    });
  }
}
