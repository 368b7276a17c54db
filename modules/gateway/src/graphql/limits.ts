/**
 * What a query may ask for: how deep, how much, and about the schema. Fragments are counted where they are spread, each once computed, so the count
 * itself is linear in the document.
 */
import {
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql/index.js';

export const DEPTH_MAX = 12;
/** A field costs one, an operation ten. */
export const COST_MAX = 1000;
const OPERATION_COST = 10;

interface Size {
  readonly depth: number;
  readonly cost: number;
}

/** Introspection counts as one field: its own rule decides about it. */
export function sizeOf(document: DocumentNode): Size {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  const known = new Map<string, Size>();

  function ofFragment(name: string): Size {
    const size = known.get(name);
    if (size !== undefined) return size;
    // A fragment inside itself is refused by a rule of its own; here it must only end.
    known.set(name, { depth: 0, cost: 0 });
    const fragment = fragments.get(name);
    const found = fragment === undefined ? { depth: 0, cost: 0 } : ofSelections(fragment.selectionSet);
    known.set(name, found);
    return found;
  }

  function ofSelections(set: SelectionSetNode): Size {
    let [depth, cost] = [0, 0];
    for (const selection of set.selections) {
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? ofFragment(selection.name.value)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? ofSelections(selection.selectionSet)
            : ofField(selection.name.value, selection.selectionSet);
      depth = Math.max(depth, inner.depth);
      cost += inner.cost;
    }
    return { depth, cost };
  }

  function ofField(name: string, set: SelectionSetNode | undefined): Size {
    if (set === undefined || name.startsWith('__')) return { depth: 1, cost: 1 };
    const inner = ofSelections(set);
    return { depth: inner.depth + 1, cost: inner.cost + 1 };
  }

  let [depth, cost] = [0, 0];
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const size = ofSelections(definition.selectionSet);
    depth = Math.max(depth, size.depth);
    cost += size.cost + rootsOf(definition.selectionSet, fragments) * OPERATION_COST;
  }
  return { depth, cost };
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

export function limitRules(options: { readonly introspection: boolean }): readonly ValidationRule[] {
  return options.introspection ? [limitRule] : [limitRule, NoSchemaIntrospectionCustomRule];
}

function limitRule(context: ValidationContext): ASTVisitor {
  return {
    Document(document) {
      const { depth, cost } = sizeOf(document);
      if (depth > DEPTH_MAX)
        context.reportError(new GraphQLError(`The query is ${depth} levels deep; at most ${DEPTH_MAX} are answered.`));
      if (cost > COST_MAX)
        context.reportError(
          new GraphQLError(`The query costs ${cost}; at most ${COST_MAX} is answered. Ask for less at once.`),
        );
    },
  };
}
