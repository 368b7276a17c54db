/** Why two types do not unify, in words. */
import type { Span } from '../../../csp/index.ts';
import type { Diagnostic } from '../../diagnostic.ts';
import type { TypeCode } from '../codes.ts';
import { TypePrinter } from '../show-type.ts';
import type { Type, TypeClass } from '../type.ts';
import type { Mismatch } from '../unification/index.ts';

/** What is wrong at `span`, where `what` was wanted. The same type twice: it was not compared with another one. */
export function explained(span: Span, mismatch: Mismatch, what: string, expected: Type, actual: Type): Diagnostic {
  const printer = new TypePrinter();
  const { reason } = mismatch;
  const whole =
    expected === actual ? '' : `; wanted for ${what}: ${printer.type(expected)}, found: ${printer.type(actual)}`;
  const diagnostic = (code: TypeCode, message: string): Diagnostic => ({ severity: 'error', code, span, message });
  switch (reason.kind) {
    case 'different': {
      const [wanted, found] = [printer.type(expected), printer.type(actual)];
      const [wantedInside, foundInside] = [printer.type(reason.expected), printer.type(reason.actual)];
      const inside =
        (wanted === wantedInside && found === foundInside) || expected === actual
          ? ''
          : ` Inside, ${wantedInside} and ${foundInside} differ.${nameless(reason.expected) ?? nameless(reason.actual) ?? ''}`;
      return expected === actual
        ? diagnostic('CSP-TYP-003', `In ${what}, ${wantedInside} and ${foundInside} differ.`)
        : diagnostic('CSP-TYP-003', `Expected ${wanted} for ${what}, but found ${found}.${inside}`);
    }
    case 'class':
      return diagnostic(
        'CSP-TYP-005',
        `The type ${printer.type(reason.type)} ${LACKS[reason.class]} (class ${reason.class}), which is needed for ${what}.`,
      );
    case 'infinite':
      return diagnostic(
        'CSP-TYP-006',
        `The type ${printer.type(reason.variable)} = ${printer.type(reason.type)} would contain itself${whole}.`,
      );
    case 'too large':
      return diagnostic('CSP-TYP-016', 'This type is too large to be checked: name parts of it, and annotate them.');
  }
}

const LACKS: Readonly<Record<TypeClass, string>> = {
  Eq: 'cannot be compared for equality',
  Ord: 'has no order',
  Complete: 'is not complete, fields are missing',
  Set: 'cannot be put in a set',
  Yieldable: 'is neither an event nor a member of a datatype',
};

/** An annotation that names a set where it should name a datatype is a common slip. */
function nameless(type: Type): string | undefined {
  if (type.kind !== 'variable' || type.rigid === undefined || !/^[A-Z]/.test(type.rigid)) return undefined;
  return ` No datatype is called \`${type.rigid}\`, so the annotation makes it a type variable.`;
}
