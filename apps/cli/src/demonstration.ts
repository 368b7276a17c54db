/**
 * The main job, end to end, on a running platform: a negotiation is verified, three agents hold it, then once more with a rogue among them; the
 * logs are saved beside the data for `csp audit`.
 */
import { readFileSync } from 'node:fs';
import { agents, withRogue } from '../../../models/negotiation.agents.ts';
import { type Client, clientOf } from './client.ts';
import type { Context } from './context.ts';
import { type ConversationState, takePart } from './remote-conversation.ts';

const SCRIPT = new URL('../../../models/negotiation.csp', import.meta.url);
const NAME = 'negotiation';

/** Shows the demonstration on the platform at `url`. On a data folder that has it already, only says where it is. */
export async function demonstrate(url: string, context: Context): Promise<void> {
  const client = clientOf(url);
  const { paint, print } = context;
  const known = await existing(client);
  if (known !== undefined) {
    print(`\nThe negotiation of an earlier start is at ${url}/conversations`);
    return;
  }

  print(
    `\n${paint.strong('1. specified')}  models/negotiation.csp: buyer, seller, broker; crashes and silence included`,
  );
  const source = readFileSync(SCRIPT, 'utf8');
  const { protocol_id } = await client.protocols.define({ name: NAME, source });

  print(`\n${paint.strong('2. verified')}`);
  const verification = await client.protocols.verify({ protocol_id });
  for (const { verdict, text, states } of verification.assertions)
    print(`   ${verdict === 'holds' ? paint.good('✓') : paint.bad('✗')} ${text}  ${paint.faint(`${states} states`)}`);
  if (verification.status !== 'verified') return;

  print(`\n${paint.strong('3. enforced')}   three agents decide`);
  const deal = await hold(client, protocol_id, 'three agents', agents, context);
  print(`\n   ${paint.faint('the same with a seller who does not keep to the protocol')}`);
  const rogue = await hold(client, protocol_id, 'with a rogue', withRogue, context);

  print(`\n${paint.strong('4. audited')}    anyone can re-check the logs, offline or from here:`);
  for (const { conversation_id } of [deal, rogue])
    print(`   npx csp audit ${url}/api/conversations/${conversation_id}/log`);
  print(`\nLook at it: ${url}/conversations`);
}

async function existing(client: Client): Promise<{ readonly name: string } | undefined> {
  const { protocols } = await client.protocols.list({ limit: 1000 });
  return protocols.find((protocol) => protocol.name === NAME && protocol.status === 'verified');
}

async function hold(
  client: Client,
  protocol_id: string,
  name: string,
  cast: Parameters<typeof takePart>[2],
  { print, paint }: Context,
): Promise<ConversationState> {
  const conversation = await client.conversations.start({ protocol_id, name });
  const end = await takePart(client, conversation, cast, ({ role, event, refusal }) =>
    print(
      refusal === undefined
        ? `   ${paint.good('✓')} ${event}`
        : `   ${paint.bad('✗')} ${event} ${paint.faint(`by ${role}: ${refusal}`)}`,
    ),
  );
  print(`   ${paint.faint(`${end.status}: ${end.accepted} accepted, ${end.refused} refused`)}`);
  return end;
}
