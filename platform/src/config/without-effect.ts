/**
 * Keys that are understood and do nothing yet: those of the guide whose feature is not in this version. They are read, their values checked, and whoever
 * sets one is told (`CSP-CFG-007`), so that a configuration written for the guide starts, and nobody believes in what is not there. Switching such a
 * feature off needs no notice: it is off.
 */
import { z } from 'zod';
import { described } from './described.ts';

function withoutEffect<Schema extends z.ZodType>(
  schema: Schema,
  description: string,
  reason: string,
  more: { readonly env?: string; readonly secret?: 'whole' } = {},
): z.ZodOptional<Schema> {
  return described(schema.optional(), { description, withoutEffect: reason, ...more });
}

const section = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape).prefault({} as never);

const text = z.string().min(1);
const portion = z.number().min(0).max(1);
const count = z.int().min(0);

const NO_AGENTS = 'no module of this version talks to models';
const NO_QUANTUM = 'there is no quantum module in this version';
const NO_LEDGER = 'there is no ledger module in this version';
const NO_ACCOUNTS = 'there are no accounts in this version';
const NO_ENCRYPTION = 'this version stores nothing encrypted';
const NO_DETECTION = 'this version detects no anomalies';

export const SYSTEM = section({
  version: withoutEffect(text, 'Version of the installation.', 'the version is that of the program: csp --version'),
});

export const SECURITY = section({
  secret_key: withoutEffect(
    text,
    'Key that signs sessions.',
    `${NO_ACCOUNTS}; the installation signs with the key in data_dir`,
    {
      env: 'CSP_SECRET_KEY',
      secret: 'whole',
    },
  ),
  encryption_key: withoutEffect(text, 'Key that encrypts what is stored.', NO_ENCRYPTION, {
    env: 'CSP_ENCRYPTION_KEY',
    secret: 'whole',
  }),
  encryption_algorithm: withoutEffect(z.enum(['AES-256-GCM']), 'How what is stored is encrypted.', NO_ENCRYPTION),
  mfa_required: withoutEffect(z.boolean(), 'Whether a second factor is asked for.', NO_ACCOUNTS),
  anomaly_detection_enabled: withoutEffect(z.boolean(), 'Whether unusual behavior is looked for.', NO_DETECTION),
  anomaly_detection_threshold: withoutEffect(portion, 'How unusual behavior must be to be told.', NO_DETECTION),
  password_policy: section({
    min_length: withoutEffect(count, 'Letters of a password at least.', NO_ACCOUNTS),
    require_uppercase: withoutEffect(z.boolean(), 'Passwords need a capital letter.', NO_ACCOUNTS),
    require_lowercase: withoutEffect(z.boolean(), 'Passwords need a small letter.', NO_ACCOUNTS),
    require_numbers: withoutEffect(z.boolean(), 'Passwords need a digit.', NO_ACCOUNTS),
    require_symbols: withoutEffect(z.boolean(), 'Passwords need a sign.', NO_ACCOUNTS),
    password_history: withoutEffect(count, 'Passwords that may not come back.', NO_ACCOUNTS),
  }),
  session: section({
    timeout_minutes: withoutEffect(z.number().min(0), 'How long an idle session lasts.', NO_ACCOUNTS),
    secure_cookies: withoutEffect(z.boolean(), 'Cookies travel by HTTPS only.', 'this version sets no cookies'),
    same_site: withoutEffect(z.enum(['strict', 'lax', 'none']), 'SameSite of cookies.', 'this version sets no cookies'),
  }),
  network: section({
    require_https: withoutEffect(
      z.boolean(),
      'Whether plain HTTP is refused.',
      'the server speaks HTTP; refuse it in the proxy that speaks HTTPS, and set headers.hsts_seconds',
    ),
  }),
});

export const AI_INTEGRATION = section({
  enable_protocol_synthesis: withoutEffect(z.boolean(), 'Whether protocols are proposed.', NO_AGENTS),
  enable_emergent_detection: withoutEffect(z.boolean(), 'Whether emergent behavior is looked for.', NO_DETECTION),
  enable_consciousness_integration: withoutEffect(z.boolean(), 'Whether integration is measured.', NO_AGENTS),
  openai_api_key: withoutEffect(text, 'Key of OpenAI.', NO_AGENTS, { env: 'OPENAI_API_KEY', secret: 'whole' }),
  huggingface_token: withoutEffect(text, 'Token of Hugging Face.', NO_AGENTS, {
    env: 'HUGGINGFACE_TOKEN',
    secret: 'whole',
  }),
});

export const QUANTUM = section({
  enable_quantum_communication: withoutEffect(z.boolean(), 'Whether agents share entanglement.', NO_QUANTUM),
  quantum_fidelity_threshold: withoutEffect(portion, 'Fidelity a pair needs at least.', NO_QUANTUM),
  error_correction_enabled: withoutEffect(z.boolean(), 'Whether errors are corrected.', NO_QUANTUM),
  token: withoutEffect(text, 'Token of a quantum backend.', NO_QUANTUM, { env: 'QUANTUM_TOKEN', secret: 'whole' }),
});

export const BLOCKCHAIN = section({
  enable_smart_contracts: withoutEffect(z.boolean(), 'Whether contracts can be deployed.', NO_LEDGER),
  consensus_mechanism: withoutEffect(text, 'How the ledger agrees.', NO_LEDGER),
  gas_optimization: withoutEffect(z.boolean(), 'Whether conversations are settled in one transaction.', NO_LEDGER),
});

export const enableGrafana = withoutEffect(
  z.boolean(),
  'Whether Grafana is used.',
  'Grafana is a server of its own; point its Prometheus at /metrics',
  { env: 'GRAFANA_ENABLED' },
);
