/** The codes of what combines the parts of the engine: meaning, and what to do. Those of CSPM stand in its own tables. */
import type { CodeMeaning } from './cspm/index.ts';

export const ENGINE_CODES = {
  'CSP-CHK-002': {
    meaning: 'A script could not be examined within its limits of time or memory.',
    remedy: 'Make it smaller, or raise the limits.',
  },
  'CSP-PRO-001': {
    meaning: 'It is not said which process is the conversation and who takes part.',
    remedy: 'Name them, or write a line like: --@ conversation DEAL roles buyer, seller.',
  },
  'CSP-PRO-002': {
    meaning: 'The process that is to be the conversation is not defined without parameters.',
    remedy: 'Define it, or name another one.',
  },
  'CSP-PRO-003': {
    meaning: 'A role performs no event of the conversation.',
    remedy: 'Let its events name their channel, then who performs them, then who receives them; or leave the role out.',
  },
  'CSP-PRO-004': {
    meaning: 'A role has a name it cannot have.',
    remedy: 'Give each role a name of its own, other than `environment`.',
  },
  'CSP-SEM-001': {
    meaning: 'A process is nested under too many operators before its first step.',
    remedy: 'Guard the recursion with an event, or bound its parameter.',
  },
} as const satisfies Readonly<Record<string, CodeMeaning>>;
