/** Takes cases from its parent one at a time and answers each with its outcome. */
import { attempt, type Outcome } from './attempt.ts';
import type { Case } from './cases.ts';

process.on('message', (subject: Case) => {
  process.send?.(decided(subject));
});

function decided(subject: Case): Outcome {
  try {
    return attempt(subject);
  } catch (fault) {
    const stack = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
    return { kind: 'crashed', detail: stack.split('\n').slice(0, 3).join(' ') };
  }
}
