/** Judges an answer by the OpenAPI document: its status, its headers, its body. The schemas are read by another reader than wrote them. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { OpenApiDocument } from './document.ts';
import type { DescribedOperation, FuzzRequest } from './requests.ts';

export interface FuzzAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** What any answer may carry: of HTTP, of browsers' safety, of rate limits. */
const GENERAL = new Set([
  ...['date', 'connection', 'keep-alive', 'content-length', 'content-type', 'transfer-encoding', 'vary', 'allow'],
  ...['content-security-policy', 'x-content-type-options', 'x-frame-options', 'referrer-policy', 'cache-control'],
  ...['cross-origin-opener-policy', 'cross-origin-resource-policy', 'x-request-id', 'ratelimit', 'ratelimit-policy'],
]);

/** What is wrong with the answer; undefined: nothing. */
export type AnswerJudge = (
  operation: DescribedOperation,
  request: FuzzRequest,
  answer: FuzzAnswer,
) => string | undefined;

export function answerJudge(document: OpenApiDocument): AnswerJudge {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, 'api');
  const problem = ajv.getSchema('api#/components/schemas/Problem')!;

  function bodyFits(steps: readonly string[], value: unknown): string | undefined {
    const pointer = steps
      .map((step) => `/${encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))}`)
      .join('');
    const fits = ajv.getSchema(`api#${pointer}`);
    if (fits === undefined) return 'its schema is not in the document';
    return fits(value) ? undefined : `outside its schema: ${ajv.errorsText(fits.errors)}`;
  }

  return ({ path, method, described }, { addressed }, { status, headers, body }) => {
    if (status === 500) return 'a defect';
    if (headers['x-request-id'] === undefined) return 'no x-request-id';
    const type = String(headers['content-type'] ?? '').split(';')[0] as string;
    if (!addressed) {
      if (status < 400) return undefined;
      return problem(parsed(body)) ? undefined : `no problem document: ${ajv.errorsText(problem.errors)}`;
    }
    const listed = String(status) in described.responses;
    const response = described.responses[listed ? String(status) : 'default'];
    if (response === undefined || (status < 400 && !listed)) return `status ${status} is not documented`;
    const known = new Set(Object.keys(response.headers ?? {}).map((name) => name.toLowerCase()));
    const strange = Object.keys(headers).filter((name) => !GENERAL.has(name) && !known.has(name));
    // Not every status is one of its own in the document; the entity tag belongs to the record.
    if (strange.some((name) => name !== 'etag' || status !== 304)) return `undocumented headers ${strange.join(', ')}`;
    if (response.content === undefined) return body === '' ? undefined : 'a body where none is documented';
    if (!(type in response.content)) return `content-type ${type || 'none'} is not documented`;
    if (type === 'application/x-ndjson') return undefined;
    const value = parsed(body) as { status?: unknown; code?: unknown } | undefined;
    if (value === undefined) return 'not JSON';
    if (status >= 400) {
      if (value.status !== status) return `a problem of status ${value.status}`;
      const code = String(value.code);
      // The codes of the gateway itself are under `default`; those of the operation stand at their status.
      if (!code.startsWith('CSP-GTW-') && !response.description.includes(code))
        return `${code} is not documented for ${status}`;
    }
    const steps = ['paths', path, method.toLowerCase(), 'responses', listed ? String(status) : 'default'];
    return bodyFits([...steps, 'content', type, 'schema'], value);
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
