/** The protocol that a script declares, for commands that need one. */
import { openProtocol, type Protocol, reported } from '@enhanced-csp/engine';
import type { Limits } from '@enhanced-csp/engine/lts';
import { CommandFailed, EXIT } from './exit-codes.ts';

/** @throws CommandFailed with the diagnostics of a script that is wrong, or declares no conversation */
export function openedProtocol(source: string, file: string): Protocol {
  const explore: Limits = { stateCountMax: 5_000_000 };
  const opened = openProtocol({ source }, { file, explore });
  if (opened.kind === 'open') return opened.protocol;
  const errors = opened.diagnostics.filter((d) => d.severity === 'error').map(reported);
  throw new CommandFailed(
    EXIT.invalidInput,
    errors.map((d) => `${d.file}:${d.line}:${d.column}: ${d.code} ${d.message}`).join('\n'),
  );
}
