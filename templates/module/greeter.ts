/** A module: one of each thing a module can bring. What is not needed can go. */
import { readFileSync } from 'node:fs';
import { allow, defineModule, defineOperation, defineProcessKind, deny, Fault, html, z } from 'enhanced-csp/module';

const Greeting = z.object({ greeting_id: z.string(), name: z.string(), text: z.string() });
type Greeting = z.output<typeof Greeting>;

export const greeter = defineModule({
  name: 'greeter',
  protocol: { source: readFileSync(new URL('./protocol.csp', import.meta.url), 'utf8') },
  // Capabilities, not other modules: what is not listed here is not given.
  needs: ['random', 'store', 'notifications', 'protocol'],
  collections: [{ name: 'greetings', fields: { name: 'text' } }],
  config: z.strictObject({
    salutation: z.string().min(1).default('Hello'),
    /** Names that are not greeted. */
    strangers: z.array(z.string()).default([]),
  }),
  errors: {
    'CSP-GRT-001': { kind: 'not found', title: 'No such greeting', next: 'GET /api/greetings lists those there are.' },
  },
  async start({ random, store, notifications, protocol }, { salutation, strangers }) {
    // Each greeting is one run of GREETER in protocol.csp; a step out of order throws.
    const greetings = await protocol.monitor('GREETER');
    const list = async () =>
      (await store.find<Greeting>('greetings', { limit: 100, offset: 0 })).records.map(({ body }) => body);

    return {
      operations: [
        defineOperation({
          id: 'greetings.create',
          summary: 'Greet somebody',
          route: 'POST /greetings',
          outcome: 'created',
          input: z.strictObject({ name: z.string().min(1).max(100) }),
          output: Greeting,
          errors: [],
          permission: 'greetings:create',
          rateClass: 'write',
          idempotent: false,
          examples: [{ name: 'a greeting', input: { name: 'Ada' }, output: { text: 'Hello, Ada!' } }],
          async run({ name }) {
            const session = greetings.session();
            session.perform('ask');
            const greeting = { greeting_id: random.id('greet'), name, text: `${salutation}, ${name}!` };
            // Durable when this resolves; only then it is told.
            await store.commit([
              {
                change: 'put',
                collection: 'greetings',
                id: greeting.greeting_id,
                fields: { name },
                body: greeting,
                ifVersion: 0,
              },
            ]);
            session.perform('commit');
            session.perform('tell');
            notifications.publish('greetings', greeting);
            session.perform('answer');
            return greeting;
          },
        }),
        defineOperation({
          id: 'greetings.list',
          summary: 'List greetings',
          route: 'GET /greetings',
          input: z.strictObject({}),
          output: z.object({ greetings: z.array(Greeting) }),
          errors: [],
          permission: 'greetings:read',
          rateClass: 'read',
          idempotent: true,
          examples: [],
          run: async () => ({ greetings: await list() }),
        }),
        defineOperation({
          id: 'greetings.get',
          summary: 'Get a greeting',
          route: 'GET /greetings/{greeting_id}',
          input: z.strictObject({ greeting_id: z.string() }),
          output: Greeting,
          errors: ['CSP-GRT-001'],
          permission: 'greetings:read',
          rateClass: 'read',
          idempotent: true,
          examples: [],
          async run({ greeting_id }) {
            const found = await store.get<Greeting>('greetings', greeting_id);
            if (found === undefined)
              throw new Fault('CSP-GRT-001', 'not found', `There is no greeting ${greeting_id}.`);
            return found.body;
          },
        }),
      ],
      streams: [{ topic: 'greetings', summary: 'Each greeting', notification: Greeting, permission: 'greetings:read' }],
      pages: [
        {
          path: '/greetings',
          navigation: 'Greetings',
          operation: 'greetings.list',
          async render() {
            const greetings = await list();
            return { title: 'Greetings', body: html`<ul>${greetings.map(({ text }) => html`<li>${text}</li>`)}</ul>` };
          },
        },
      ],
      // Gives a role of a conversation to `greeter.polite`: POST /api/conversations { agents: { service: 'greeter.polite' } }
      agents: {
        polite: {
          description: 'Answers what it is asked.',
          roles: ['service'],
          decide: ({ may }) => may.find((event) => event.startsWith('answer.')),
        },
      },
      // POST /api/processes { type: 'greeter.relay', config: { messages: 3 } }
      processKinds: {
        relay: defineProcessKind({
          description: 'Passes on so many messages, then ends.',
          config: z.strictObject({ messages: z.int().min(1).max(9) }),
          specify: ({ messages }) => ({
            inputs: ['source'],
            outputs: ['sink'],
            behavior: `let\n  S(0) = SKIP\n  S(n) = source?x -> sink!x -> S(n - 1)\nwithin S(${messages})`,
          }),
        }),
      },
      policies: {
        'guest-list': ({ operation, input }) =>
          operation === 'greetings.create' && strangers.includes((input as Greeting).name)
            ? deny('strangers are not greeted')
            : allow,
      },
      panels: {
        latest: {
          title: 'Latest greetings',
          topic: 'greetings',
          render: async () => html`<ul>${(await list()).slice(-3).map(({ text }) => html`<li>${text}</li>`)}</ul>`,
        },
      },
      async stop() {},
    };
  },
});
