/**
 * The abstract syntax of CSPM, as the parser leaves it. Plain data; every node has a span.
 *
 * Processes, sets and numbers are one expression language: `P [] Q` is an expression like `1 + 2`; the type checker tells them apart.
 * Grammar and precedences: libcspm (Gibson-Robinson), FDR manual.
 */
import type { Span } from '../csp/index.ts';

export interface Script {
  /** Name of the file parsed first; included files appear in the spans of what they declare. */
  readonly file: string;
  readonly declarations: readonly Declaration[];
}

// ── Declarations ────────────────────────────────────────────────────────────────────────────────────────────────────

export type Declaration =
  | FunctionDeclaration
  | PatternDeclaration
  | ChannelDeclaration
  | DatatypeDeclaration
  | SubtypeDeclaration
  | NametypeDeclaration
  | ExternalDeclaration
  | TransparentDeclaration
  | TypeAnnotation
  | AssertDeclaration
  | PrintDeclaration
  | ModuleDeclaration
  | InstanceDeclaration
  | TimedSection;

/** `f(x,y)(z) = e`, all clauses of one name gathered; each clause has the same number of curried argument lists. */
export interface FunctionDeclaration {
  readonly kind: 'function';
  readonly span: Span;
  readonly name: Identifier;
  readonly clauses: readonly Clause[];
}
export interface Clause {
  readonly span: Span;
  /** Curried argument lists: `f(x,y)(z)` is `[[x,y],[z]]`. */
  readonly parameters: readonly (readonly Pattern[])[];
  readonly body: Expression;
}
/** `p = e`; a plain `x = e` too. */
export interface PatternDeclaration {
  readonly kind: 'pattern';
  readonly span: Span;
  readonly pattern: Pattern;
  readonly body: Expression;
}
/** `channel a, b : T`. */
export interface ChannelDeclaration {
  readonly kind: 'channel';
  readonly span: Span;
  readonly names: readonly Identifier[];
  /** The type expression after the colon, `Int.Bool` a dot expression; absent for plain events. */
  readonly type: Expression | undefined;
}
export interface Constructor {
  readonly span: Span;
  readonly name: Identifier;
  readonly type: Expression | undefined;
}
export interface DatatypeDeclaration {
  readonly kind: 'datatype';
  readonly span: Span;
  readonly name: Identifier;
  readonly constructors: readonly Constructor[];
}
export interface SubtypeDeclaration {
  readonly kind: 'subtype';
  readonly span: Span;
  readonly name: Identifier;
  readonly constructors: readonly Constructor[];
}
export interface NametypeDeclaration {
  readonly kind: 'nametype';
  readonly span: Span;
  readonly name: Identifier;
  readonly type: Expression;
}
export interface ExternalDeclaration {
  readonly kind: 'external';
  readonly span: Span;
  readonly names: readonly Identifier[];
}
export interface TransparentDeclaration {
  readonly kind: 'transparent';
  readonly span: Span;
  readonly names: readonly Identifier[];
}
/** `f, g :: Eq a => a -> Bool`. */
export interface TypeAnnotation {
  readonly kind: 'annotation';
  readonly span: Span;
  readonly names: readonly Identifier[];
  readonly constraints: readonly TypeConstraint[];
  readonly type: TypeExpression;
}
export interface PrintDeclaration {
  readonly kind: 'print';
  readonly span: Span;
  /** The expression as written, white space folded. */
  readonly text: string;
  readonly expression: Expression;
}
export interface ModuleDeclaration {
  readonly kind: 'module';
  readonly span: Span;
  readonly name: Identifier;
  readonly parameters: readonly Pattern[];
  readonly hidden: readonly Declaration[];
  readonly exported: readonly Declaration[];
}
export interface InstanceDeclaration {
  readonly kind: 'instance';
  readonly span: Span;
  readonly name: Identifier;
  readonly module: QualifiedName;
  readonly arguments: readonly Expression[];
}
/** `Timed(f) { ... }`; without a function, every event takes one time unit. */
export interface TimedSection {
  readonly kind: 'timed';
  readonly span: Span;
  readonly duration: Expression | undefined;
  readonly declarations: readonly Declaration[];
}

// ── Assertions ──────────────────────────────────────────────────────────────────────────────────────────────────────

export type SemanticModel = 'T' | 'F' | 'FD' | 'R' | 'RD' | 'V' | 'VD';
export type AssertedProperty = 'deadlock free' | 'divergence free' | 'deterministic';

export interface AssertDeclaration {
  readonly kind: 'assert';
  readonly span: Span;
  /** The assertion as written, `assert` left out, white space folded. */
  readonly text: string;
  readonly negated: boolean;
  readonly assertion: AssertionForm;
  readonly options: readonly AssertionOption[];
}
export type AssertionForm =
  | {
      readonly form: 'refinement';
      readonly model: SemanticModel;
      readonly specification: Expression;
      readonly implementation: Expression;
    }
  | {
      readonly form: 'property';
      readonly property: AssertedProperty;
      /** As written in brackets; absent: FD. */
      readonly model: SemanticModel | undefined;
      readonly process: Expression;
    }
  | {
      readonly form: 'has trace';
      readonly model: SemanticModel | undefined;
      readonly process: Expression;
      readonly trace: Expression;
    };
export type AssertionOption =
  | { readonly option: 'tau priority'; readonly events: Expression }
  | { readonly option: 'partial order reduce'; readonly mode: 'precise' | 'hybrid' | 'fast' | undefined };

// ── Names ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Identifier {
  readonly name: string;
  readonly span: Span;
}
/** `M::N::x` is `['M', 'N', 'x']`; a plain name has one part. */
export interface QualifiedName {
  readonly parts: readonly string[];
  readonly span: Span;
}

// ── Expressions ─────────────────────────────────────────────────────────────────────────────────────────────────────

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'and' | 'or' | '^'; // concatenation

export type Expression = { readonly span: Span } & (
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'char'; readonly value: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'name'; readonly name: QualifiedName }
  /** `f(x,y)`: one argument list. */
  | { readonly kind: 'apply'; readonly function: Expression; readonly arguments: readonly Expression[] }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'negate' | 'not' | 'length'; readonly operand: Expression }
  /** `a.b`, right-associative. */
  | { readonly kind: 'dot'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'tuple'; readonly elements: readonly Expression[] } // two or more; `(e)` is a paren
  | { readonly kind: 'paren'; readonly inner: Expression }
  | { readonly kind: 'set' | 'sequence'; readonly elements: readonly Expression[] }
  /** `{a..b}`, `<a..b>`; `high` absent: infinite. */
  | { readonly kind: 'setRange' | 'sequenceRange'; readonly low: Expression; readonly high: Expression | undefined }
  /** `{e, f | x <- S, b}`. */
  | {
      readonly kind: 'setComprehension' | 'sequenceComprehension';
      readonly elements: readonly Expression[];
      readonly statements: readonly Statement[];
    }
  /** `{a..b | ...}`. */
  | {
      readonly kind: 'setRangeComprehension' | 'sequenceRangeComprehension';
      readonly low: Expression;
      readonly high: Expression | undefined;
      readonly statements: readonly Statement[];
    }
  /** `{| c, d.1 |}`, with statements a comprehension. */
  | {
      readonly kind: 'productions';
      readonly elements: readonly Expression[];
      readonly statements: readonly Statement[];
    }
  | { readonly kind: 'map'; readonly entries: readonly { readonly key: Expression; readonly value: Expression }[] }
  /** `\ x, y @ e`: one argument list. */
  | { readonly kind: 'lambda'; readonly parameters: readonly Pattern[]; readonly body: Expression }
  | { readonly kind: 'let'; readonly declarations: readonly Declaration[]; readonly body: Expression }
  | {
      readonly kind: 'if';
      readonly condition: Expression;
      readonly consequent: Expression;
      readonly alternative: Expression;
    }
  // Processes. STOP, SKIP, DIV, CHAOS, RUN and their like are names.
  /** `c?x!e$y:S -> P`; `event` is what stands before the fields. */
  | {
      readonly kind: 'prefix';
      readonly event: Expression;
      readonly fields: readonly Field[];
      readonly process: Expression;
    }
  | { readonly kind: 'guard'; readonly condition: Expression; readonly process: Expression }
  | { readonly kind: 'externalChoice'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'internalChoice'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'slidingChoice'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'interrupt'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'exception'; readonly left: Expression; readonly events: Expression; readonly right: Expression }
  | { readonly kind: 'sequential'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'interleave'; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'generalizedParallel';
      readonly left: Expression;
      readonly events: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'alphabetizedParallel';
      readonly left: Expression;
      readonly leftAlphabet: Expression;
      readonly rightAlphabet: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'linkParallel';
      readonly left: Expression;
      readonly links: readonly Link[];
      readonly statements: readonly Statement[];
      readonly right: Expression;
    }
  | {
      readonly kind: 'synchronizingChoice' | 'synchronizingInterrupt';
      readonly left: Expression;
      readonly events: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'hide' | 'project'; readonly process: Expression; readonly events: Expression }
  /** `P[[a <- b, c <- d | x <- S]]`. */
  | {
      readonly kind: 'rename';
      readonly process: Expression;
      readonly pairs: readonly RenamingPair[];
      readonly statements: readonly Statement[];
    }
  | {
      readonly kind: 'replicated';
      readonly operator: ReplicatedOperator;
      readonly statements: readonly Statement[];
      readonly body: Expression;
    }
);

export type ReplicatedOperator =
  | { readonly of: 'externalChoice' }
  | { readonly of: 'internalChoice' }
  | { readonly of: 'interleave' }
  | { readonly of: 'sequential' }
  | { readonly of: 'generalizedParallel'; readonly events: Expression }
  /** `|| x:S @ [A(x)] P(x)`. */
  | { readonly of: 'alphabetizedParallel'; readonly alphabet: Expression }
  | {
      readonly of: 'linkParallel';
      readonly links: readonly Link[];
      readonly statements: readonly Statement[];
    }
  | { readonly of: 'synchronizingChoice'; readonly events: Expression };

/** One field of a prefix: `!e`, `?p:S`, `$p:S`. A `.e` belongs to the expression before it. */
export type Field =
  | { readonly kind: 'output'; readonly span: Span; readonly expression: Expression }
  | {
      readonly kind: 'input' | 'nondeterministic';
      readonly span: Span;
      readonly pattern: Pattern;
      readonly from: Expression | undefined;
    };

/** In comprehensions and replicated operators: `p <- S` (also written `p:S`) or a condition. */
export type Statement =
  | { readonly kind: 'generator'; readonly span: Span; readonly pattern: Pattern; readonly from: Expression }
  | { readonly kind: 'condition'; readonly span: Span; readonly expression: Expression };

/** `from <- to`: in the process, `from` is replaced by `to`. */
export interface RenamingPair {
  readonly span: Span;
  readonly from: Expression;
  readonly to: Expression;
}
/** `left <-> right`. */
export interface Link {
  readonly span: Span;
  readonly left: Expression;
  readonly right: Expression;
}

// ── Patterns ────────────────────────────────────────────────────────────────────────────────────────────────────────

export type Pattern = {
  readonly span: Span;
} /** A variable, or the name of a constructor or channel: scope decides. */ & (
  | { readonly kind: 'name'; readonly name: QualifiedName }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'char'; readonly value: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tuple'; readonly elements: readonly Pattern[] }
  | { readonly kind: 'sequence'; readonly elements: readonly Pattern[] }
  /** `{}` or `{p}`. */
  | { readonly kind: 'set'; readonly elements: readonly Pattern[] }
  /** `p ^ q`; at most one part has unknown length. */
  | { readonly kind: 'concatenation'; readonly left: Pattern; readonly right: Pattern }
  | { readonly kind: 'dot'; readonly left: Pattern; readonly right: Pattern }
  /** `p @@ q`: both must match. */
  | { readonly kind: 'both'; readonly left: Pattern; readonly right: Pattern }
  | { readonly kind: 'paren'; readonly inner: Pattern }
);

// ── Types in annotations ────────────────────────────────────────────────────────────────────────────────────────────

export interface TypeConstraint {
  readonly class: string;
  readonly variable: Identifier;
}
export type TypeExpression = {
  readonly span: Span;
} /** `Int`, `Bool`, `Proc`, `Event`, `Char`, a datatype, or a type variable (lower case). */ & (
  | { readonly kind: 'name'; readonly name: QualifiedName }
  | { readonly kind: 'set' | 'sequence'; readonly of: TypeExpression }
  | { readonly kind: 'tuple'; readonly elements: readonly TypeExpression[] }
  | { readonly kind: 'map'; readonly key: TypeExpression; readonly value: TypeExpression }
  | { readonly kind: 'function'; readonly parameters: readonly TypeExpression[]; readonly result: TypeExpression }
  | { readonly kind: 'dot'; readonly left: TypeExpression; readonly right: TypeExpression }
  /** `a => b`: given a, dotted gives b. `a =>* b`: extendable to b. */
  | { readonly kind: 'dotable' | 'extendable'; readonly from: TypeExpression; readonly to: TypeExpression }
);
