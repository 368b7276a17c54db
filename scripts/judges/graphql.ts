/** The audits of the reference implementation of GraphQL over HTTP, on the running server. */
import { createServer } from 'node:http';
import { serverAudits } from 'graphql-http';
import type { Judge, Opinion } from './judge.ts';

async function audit(url: string): Promise<Opinion> {
  const audits = serverAudits({ url });
  const complaints: string[] = [];
  for (const { name, fn } of audits) {
    const result = await fn();
    if (result.status !== 'ok') complaints.push(`${result.status} ${name}: ${String(result.reason).slice(0, 200)}`);
  }
  return { examined: `${audits.length} audits`, complaints };
}

export const graphqlHttp: Judge = {
  name: 'graphql-http',
  judge: ({ server }) => audit(`${server.url}/graphql`),
  async control() {
    const liar = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('no'));
    await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
    try {
      return await audit(`http://127.0.0.1:${(liar.address() as { port: number }).port}`);
    } finally {
      liar.closeAllConnections();
      liar.close();
    }
  },
};
