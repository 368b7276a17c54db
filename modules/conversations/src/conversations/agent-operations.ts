/** The agents that modules bring, as an operation row. */
import { type Catalog, defineOperation, type Operation } from '@enhanced-csp/platform';
import { z } from 'zod';

export function agentOperations(catalog: Catalog): Operation[] {
  return [
    defineOperation({
      id: 'agents.kinds',
      summary: 'List the agents that can be given roles of a conversation',
      description: 'Modules bring them; `agents` of `conversations.start` names them.',
      route: 'GET /agents/kinds',
      input: z.strictObject({}),
      output: z.object({
        agents: z.array(
          z.object({
            name: z.string(),
            description: z.string(),
            roles: z.array(z.string()).optional().describe('The roles it can play; absent: any.'),
            protocols: z.array(z.string()).optional().describe('Names of the protocols it knows; absent: any.'),
          }),
        ),
      }),
      errors: [],
      permission: 'agents:read',
      rateClass: 'read',
      idempotent: true,
      examples: [{ name: 'all', input: {} }],
      run: async () => ({
        agents: [...catalog.agents()].map(([name, { description, roles, protocols }]) => ({
          name,
          description,
          ...(roles !== undefined && { roles: [...roles] }),
          ...(protocols !== undefined && { protocols: [...protocols] }),
        })),
      }),
    }),
  ];
}
