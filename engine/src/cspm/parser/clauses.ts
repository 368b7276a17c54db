/** Consecutive clauses of one name, in one file, are one function. */
import type { Declaration, FunctionDeclaration } from '../syntax.ts';
import type { Reader } from './reader.ts';

export function gatherClauses(reader: Reader, declarations: readonly Declaration[]): Declaration[] {
  const gathered: Declaration[] = [];
  for (let i = 0; i < declarations.length; ) {
    const first = declarations[i]!;
    let end = i + 1;
    if (first.kind === 'function') while (continues(first, declarations[end])) end++;
    gathered.push(
      first.kind === 'function' && end > i + 1
        ? gather(reader, declarations.slice(i, end) as FunctionDeclaration[])
        : first,
    );
    i = end;
  }
  return gathered;
}

function continues(first: FunctionDeclaration, next: Declaration | undefined): boolean {
  return next?.kind === 'function' && next.name.name === first.name.name && next.span.file === first.span.file;
}

function gather(reader: Reader, parts: readonly FunctionDeclaration[]): FunctionDeclaration {
  const first = parts[0]!;
  const clauses = parts.flatMap((part) => part.clauses);
  const arity = arityOf(clauses[0]!.parameters);
  for (const clause of clauses) {
    const found = arityOf(clause.parameters);
    if (found !== arity) {
      reader.error(
        'CSP-SYN-014',
        clause.span,
        `this clause of \`${first.name.name}\` takes ${found} arguments, the first one ${arity}`,
      );
    }
  }
  const last = clauses.at(-1)!.span;
  const span = { ...first.span, endLine: last.endLine, endColumn: last.endColumn };
  return { kind: 'function', span, name: first.name, clauses };
}

/** `f(x,y)(z)` takes "2, then 1". */
function arityOf(parameters: readonly (readonly unknown[])[]): string {
  return parameters.map((list) => list.length).join(', then ');
}
