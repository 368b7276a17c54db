/**
 * What a query may ask for: how deep, how much, how often the same, and about the schema. Fragments are counted where they are spread, each once computed, so the count
 * itself is linear in the document.
 */
import {
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql/index.js';
import { GATEWAY_ERRORS } from '../errors.ts';

export const DEPTH_MAX = 12;
/** A field costs one, an operation ten. */
export const COST_MAX = 1000;
const OPERATION_COST = 10;

export interface GraphqlLimits {
  /** Fields that have another name in the answer, in one document. */
  readonly aliasesMax: number;
  /** Fields of the root in one document: each performs an operation. */
  readonly rootFieldsMax: number;
}

interface Counts {
  readonly depth: number;
  readonly cost: number;
  readonly aliases: number;
}

interface Size extends Counts {
  readonly roots: number;
}

const NOTHING: Counts = { depth: 0, cost: 0, aliases: 0 };

/** Introspection costs as much as one field, as its own rule decides about it; its aliases are counted. */
export function sizeOf(document: DocumentNode): Size {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  const known = new Map<string, Counts>();

  function ofFragment(name: string): Counts {
    const size = known.get(name);
    if (size !== undefined) return size;
    // A fragment inside itself is refused by a rule of its own; here it must only end.
    known.set(name, NOTHING);
    const fragment = fragments.get(name);
    const found = fragment === undefined ? NOTHING : ofSelections(fragment.selectionSet);
    known.set(name, found);
    return found;
  }

  function ofSelections(set: SelectionSetNode): Counts {
    let [depth, cost, aliases] = [0, 0, 0];
    for (const selection of set.selections) {
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? ofFragment(selection.name.value)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? ofSelections(selection.selectionSet)
            : ofField(selection);
      depth = Math.max(depth, inner.depth);
      cost += inner.cost;
      aliases += inner.aliases;
    }
    return { depth, cost, aliases };
  }

  function ofField({ alias, name, selectionSet }: FieldNode): Counts {
    const own = alias === undefined ? 0 : 1;
    const inner = selectionSet === undefined ? NOTHING : ofSelections(selectionSet);
    const aliases = own + inner.aliases;
    if (name.value.startsWith('__')) return { depth: 1, cost: 1, aliases };
    return { depth: inner.depth + 1, cost: inner.cost + 1, aliases };
  }

  let [depth, cost, aliases, roots] = [0, 0, 0, 0];
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const counts = ofSelections(definition.selectionSet);
    const own = rootsOf(definition.selectionSet, fragments);
    depth = Math.max(depth, counts.depth);
    cost += counts.cost + own * OPERATION_COST;
    aliases += counts.aliases;
    roots += own;
  }
  return { depth, cost, aliases, roots };
}

/** Fields of the root: each performs an operation. */
function rootsOf(root: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): number {
  const known = new Map<string, number>();
  const count = (set: SelectionSetNode): number =>
    set.selections.reduce((sum, selection) => {
      if (selection.kind === Kind.FIELD) return sum + 1;
      if (selection.kind === Kind.INLINE_FRAGMENT) return sum + count(selection.selectionSet);
      const name = selection.name.value;
      if (!known.has(name)) {
        known.set(name, 0);
        const fragment = fragments.get(name);
        known.set(name, fragment === undefined ? 0 : count(fragment.selectionSet));
      }
      return sum + (known.get(name) ?? 0);
    }, 0);
  return count(root);
}

export function limitRules(options: GraphqlLimits & { readonly introspection: boolean }): readonly ValidationRule[] {
  const rule = (context: ValidationContext) => limitRule(context, options);
  return options.introspection ? [rule] : [rule, NoSchemaIntrospectionCustomRule];
}

function limitRule(context: ValidationContext, { aliasesMax, rootFieldsMax }: GraphqlLimits): ASTVisitor {
  const report = (message: string) => context.reportError(tooMuch(message));
  return {
    Document(document) {
      const { depth, cost, aliases, roots } = sizeOf(document);
      if (depth > DEPTH_MAX) report(`The query is ${depth} levels deep; at most ${DEPTH_MAX} are answered.`);
      if (cost > COST_MAX) report(`The query costs ${cost}; at most ${COST_MAX} is answered. Ask for less at once.`);
      if (aliases > aliasesMax) report(`The query has ${aliases} aliases; at most ${aliasesMax} are answered.`);
      if (roots > rootFieldsMax)
        report(`The query has ${roots} fields of the root; at most ${rootFieldsMax} are answered.`);
    },
  };
}

export function tooMuch(message: string): GraphQLError {
  const code = 'CSP-GTW-028';
  const { title, next } = GATEWAY_ERRORS[code];
  return new GraphQLError(message, { extensions: { code, title, next } });
}
