/** Looking names up: what a name stands for in its scope, which declaration uses which, and what is said about names that stand for nothing. */
import type { Span } from '../../../csp/index.ts';
import type { Diagnostic } from '../../diagnostic.ts';
import type { Dialect } from '../../dialect.ts';
import type { Identifier, QualifiedName } from '../../syntax.ts';
import { EXTERNAL_FUNCTIONS, TRANSPARENT_FUNCTIONS } from '../built-in.ts';
import type { TypeCode } from '../codes.ts';
import { type Binding, binding, type Scope, type Unit } from '../scope.ts';
import { nearest } from './nearest.ts';

/** The binding of a name that was not found: it fits everywhere. */
export const UNKNOWN: Binding = { ...binding('?', 'value', undefined), poisoned: true };

export class Lookup {
  /** What each name in an expression, pattern or declaration stands for. */
  readonly bindings = new Map<object, Binding>();
  readonly diagnostics: Diagnostic[] = [];
  readonly #undefined = new Map<string, { span: Span; places: number; readonly scope: Scope }>();

  /** The declaration `user` uses `target`, and must be typed after it or with it. */
  use(target: Unit, user: Unit): void {
    // From the body of the `let` that declares it, a name is used by no declaration of its list.
    for (let unit: Unit | undefined = user; unit !== undefined && unit !== target.parent; unit = unit.parent) {
      if (unit.list === target.list) {
        unit.uses.add(target);
        return;
      }
    }
  }

  /** What a name stands for that is used in `scope`, by the declaration `unit`; `UNKNOWN`, and reported, where there is nothing. */
  find(name: QualifiedName, scope: Scope, want: 'value' | 'module', unit: Unit | undefined): Binding {
    const { parts, span } = name;
    const first = scope.find(parts[0]!);
    if (first === undefined) {
      if (unit?.declaration.kind === 'print') {
        this.report('CSP-TYP-017', span, `\`${parts[0]}\` is not defined here.`, undefined, 'warning');
      } else this.#missing(parts[0]!, span, scope);
      return UNKNOWN;
    }
    let found: Binding = first;
    for (let i = 1; i < parts.length; i++) {
      const outer = parts.slice(0, i).join('::');
      const { module, poisoned }: Pick<Binding, 'module' | 'poisoned'> = found;
      if (module === undefined) {
        this.report('CSP-TYP-009', span, `\`${outer}\` is not a module.`);
        return UNKNOWN;
      }
      if (poisoned) return UNKNOWN;
      if (module.needsInstance) {
        this.report(
          'CSP-TYP-009',
          span,
          `The module \`${outer}\` takes arguments: write \`instance I = ${outer}(...)\` and use \`I::${parts[i]}\`.`,
        );
        return UNKNOWN;
      }
      const member: Binding | undefined = module.members.get(parts[i]!);
      if (member === undefined) {
        const meant = nearest(parts[i]!, module.exported);
        this.report(
          'CSP-TYP-001',
          span,
          `The module \`${outer}\` exports no \`${parts[i]}\`${meant === undefined ? '.' : `; did you mean \`${outer}::${meant}\`?`}`,
          meant === undefined ? undefined : [...parts.slice(0, i), meant, ...parts.slice(i + 1)].join('::'),
        );
        return UNKNOWN;
      }
      if (!module.exported.has(parts[i]!)) {
        this.report(
          'CSP-TYP-009',
          span,
          `\`${parts[i]}\` is hidden in the module \`${outer}\`: move it behind \`exports\`.`,
        );
        return UNKNOWN;
      }
      found = member;
    }
    if ((found.module !== undefined) !== (want === 'module')) {
      const full = parts.join('::');
      this.report(
        'CSP-TYP-009',
        span,
        want === 'module' ? `\`${full}\` is not a module.` : `\`${full}\` is a module, not a value.`,
      );
      return UNKNOWN;
    }
    if (unit !== undefined && found.unit !== undefined) this.use(found.unit, unit);
    return found;
  }

  #missing(name: string, span: Span, scope: Scope): void {
    const known = this.#undefined.get(name);
    if (known === undefined) {
      this.#undefined.set(name, { span, places: 1, scope });
      return;
    }
    known.places++;
    if (
      span.file === known.span.file &&
      (span.line < known.span.line || (span.line === known.span.line && span.column < known.span.column))
    ) {
      known.span = span;
    }
  }

  /** What was not found: one message a name, however often it is used. */
  reportUndefined(dialect: Dialect): void {
    for (const [name, { span, places, scope }] of this.#undefined) {
      const more = places === 1 ? '' : ` It is used at ${places} places.`;
      const keyword = TRANSPARENT_FUNCTIONS.has(name)
        ? 'transparent'
        : EXTERNAL_FUNCTIONS.has(name)
          ? 'external'
          : undefined;
      if (keyword !== undefined) {
        const start: Span = { file: span.file, line: 1, column: 1, endLine: 1, endColumn: 1 };
        this.diagnostics.push({
          severity: dialect === 'fdr2' ? 'warning' : 'error',
          code: 'CSP-TYP-001',
          span,
          message: `\`${name}\` is known only after \`${keyword} ${name}\`.${more}`,
          fix: { title: `declare \`${keyword} ${name}\``, span: start, replacement: `${keyword} ${name}\n` },
        });
        continue;
      }
      const meant = nearest(name, scope.visible());
      this.report(
        'CSP-TYP-001',
        span,
        `\`${name}\` is not defined here${meant === undefined ? '.' : `; did you mean \`${meant}\`?`}${more}`,
        meant,
      );
    }
  }

  reportTwice(name: Identifier, before: Binding): void {
    const where = before.span === undefined ? '' : ` The other definition is at ${placeOf(before.span, name.span)}.`;
    this.report('CSP-TYP-002', name.span, `\`${name.name}\` is defined twice.${where}`);
  }

  report(
    code: TypeCode,
    span: Span,
    message: string,
    replacement?: string,
    severity: Diagnostic['severity'] = 'error',
  ): void {
    const fix = replacement === undefined ? {} : { fix: { title: `write \`${replacement}\``, span, replacement } };
    this.diagnostics.push({ severity, code, span, message, ...fix });
  }
}

function placeOf(span: Span, from: Span): string {
  return span.file === from.file ? `line ${span.line}` : `${span.file}:${span.line}`;
}
