/** Diagnostics of behaviors, beside those of CSPM. */
export const STEP_DIAGNOSTICS = {
  'CSP-STP-001': {
    title: 'Not a list of steps',
    meaning: 'A step is RECEIVE or SEND with the name of a channel; steps are joined by `->`; the last one is STOP.',
  },
  'CSP-STP-002': {
    title: 'A channel is input and output of one process',
    meaning: 'A process would have to communicate with itself. Use two channels.',
  },
  'CSP-STP-003': {
    title: 'A process in the place of an event',
    meaning: '`->` joins an event and a process: `a -> STOP`. STOP and SKIP are processes and perform no event.',
  },
} as const;
