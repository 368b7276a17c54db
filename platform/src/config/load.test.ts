import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PLATFORM_ERRORS } from '../errors.ts';
import { configurationKeys } from './keys.ts';
import { type ConfigurationSources, loadConfiguration, masked } from './load.ts';
import { configurationPage } from './page.ts';

const file = (text: string) => ({ path: 'csp.yaml', text });

async function loaded(sources: ConfigurationSources) {
  const result = await loadConfiguration(sources);
  if (result.kind === 'invalid') throw new Error(JSON.stringify(result.diagnostics));
  return result;
}

async function refused(sources: ConfigurationSources) {
  const result = await loadConfiguration(sources);
  expect(result.kind).toBe('invalid');
  return result.diagnostics;
}

describe('sources', () => {
  test('nothing at all gives the defaults', async () => {
    const { values, diagnostics } = await loaded({});
    expect(values).toMatchObject({ host: '127.0.0.1', port: 8000, data_dir: 'csp-data', environment: 'development' });
    expect(diagnostics).toEqual([]);
  });

  test('flag > environment > .env.local > .env > file > default, for every subset of them', async () => {
    const subsets = fc.subarray(['flag', 'environment', '.env.local', '.env', 'file'] as const);
    await fc.assert(
      fc.asyncProperty(subsets, async (chosen) => {
        const has = (kind: (typeof chosen)[number]) => chosen.includes(kind);
        const result = await loaded({
          ...(has('flag') ? { flags: { port: 1 } } : {}),
          ...(has('environment') ? { env: { CSP_PORT: '2' } } : {}),
          ...(has('.env.local') ? { envLocal: { CSP_PORT: '3' } } : {}),
          ...(has('.env') ? { envFile: { CSP_PORT: '4' } } : {}),
          ...(has('file') ? { file: file('port: 5') } : {}),
        });
        const order = { flag: 1, environment: 2, '.env.local': 3, '.env': 4, file: 5 } as const;
        const winner = chosen[0];
        expect(result.values.port).toBe(winner === undefined ? 8000 : order[winner]);
        expect(result.explain('port')).toMatchObject({
          value: result.values.port,
          origin: { kind: winner ?? 'default' },
          overridden: chosen.slice(1).map((kind) => ({ kind })),
        });
      }),
      { numRuns: 64, seed: 5 },
    );
  });

  test('text from the environment is read as its key wants it', async () => {
    const { values } = await loaded({
      env: {
        CSP_PORT: '9000',
        CSP_DEBUG: 'true',
        CSP_LOG_LEVEL: 'WARN',
        CSP_ENVIRONMENT: 'Production',
        CSP_LIMITS_VERIFICATION_SECONDS: '2.5',
        CSP_HOST: '',
      },
    });
    expect(values).toMatchObject({
      port: 9000,
      debug: true,
      environment: 'production',
      log: { level: 'warn' },
      host: '127.0.0.1',
    });
    expect(values.limits.verification_seconds).toBe(2.5);
  });

  test('variables of others are left alone', async () => {
    expect((await loaded({ env: { PATH: '/bin', PORT: '1' }, envFile: { OPENAI_API_KEY: 'x' } })).values.port).toBe(
      8000,
    );
  });

  test('a file may be empty, or hold comments only, or empty sections', async () => {
    for (const text of ['', '# nothing\n', '---\n', 'log:\n'])
      expect((await loaded({ file: file(text) })).values.port).toBe(8000);
  });
});

describe('mistakes', () => {
  test('an unknown key: the nearest one, with line and column', async () => {
    const [diagnostic, ...rest] = await refused({ file: file('port: 9000\nlimits:\n  body_byte: 5\n') });
    expect(rest).toEqual([]);
    expect(diagnostic).toEqual({
      severity: 'error',
      code: 'CSP-CFG-001',
      message: 'There is no key limits.body_byte. Did you mean limits.body_bytes?',
      place: 'csp.yaml:3:3',
      line: 3,
      column: 3,
      nearest: 'limits.body_bytes',
    });
  });

  test.each([
    ['prot: 1', 'port', '1:1'],
    ['lgo:\n  level: info', 'log', '1:1'],
    ['log: {levle: info}', 'log.level', '1:7'],
  ])('%s', async (text, near, place) => {
    expect(await refused({ file: file(text) })).toMatchObject([
      { code: 'CSP-CFG-001', nearest: near, place: `csp.yaml:${place}` },
    ]);
  });

  test('in .env an unknown CSP_ variable is an error, in the environment of the process a warning', async () => {
    expect(await refused({ envFile: { CSP_PROT: '1' } })).toMatchObject([
      { code: 'CSP-CFG-001', place: 'CSP_PROT in .env', nearest: 'CSP_PORT' },
    ]);
    expect((await loaded({ env: { CSP_PROT: '1' } })).diagnostics).toMatchObject([
      { severity: 'warning', nearest: 'CSP_PORT' },
    ]);
    expect(await refused({ flags: { prot: 1 } })).toMatchObject([{ place: '--prot', nearest: 'port' }]);
  });

  test('a wrong value is told where it was set, whatever the source', async () => {
    expect(await refused({ file: file('host: x\nport: eighty') })).toMatchObject([
      { code: 'CSP-CFG-002', place: 'csp.yaml:2:7', line: 2, column: 7 },
    ]);
    expect(await refused({ env: { CSP_PORT: 'eighty' } })).toMatchObject([{ code: 'CSP-CFG-002', place: 'CSP_PORT' }]);
    expect(await refused({ flags: { port: 70_000 } })).toMatchObject([{ code: 'CSP-CFG-002', place: '--port' }]);
    expect(await refused({ file: file('log: loud') })).toMatchObject([{ code: 'CSP-CFG-002', place: 'csp.yaml:1:1' }]);
    expect(await refused({ file: file('log:\n  level: [info]') })).toMatchObject([
      { code: 'CSP-CFG-002', place: 'csp.yaml:2:10' },
    ]);
  });

  test('all mistakes are told at once', async () => {
    const diagnostics = await refused({ file: file('prot: 1\nport: x\nhots: y'), env: { CSP_LOG_LEVEL: 'loud' } });
    expect(diagnostics.map(({ code }) => code).sort()).toEqual([
      'CSP-CFG-001',
      'CSP-CFG-001',
      'CSP-CFG-002',
      'CSP-CFG-002',
    ]);
  });

  test.each([
    ['a: [1', 'unclosed'],
    ['port: 1\nport: 2', 'twice'],
    ['- port', 'a list'],
    ['just words', 'words'],
    ['a: &x [*x, *x]\n\tb: 1', 'a tab'],
  ])('YAML that cannot be read has a place: %s (%s)', async (text) => {
    const diagnostics = await refused({ file: file(text) });
    expect(diagnostics[0]).toMatchObject({ code: 'CSP-CFG-003', line: expect.any(Number), column: expect.any(Number) });
  });

  test('any text at all is loaded or refused, never thrown', async () => {
    const pieces = fc.constantFrom(
      'port',
      'log',
      ':',
      ' ',
      '\n',
      '  ',
      '-',
      '[',
      '}',
      '"',
      "'",
      '#',
      '&a',
      '*a',
      '1',
      'null',
      '!!js',
      '|',
      '\t',
      '__proto__',
      '<<',
      '?',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 14 }), async (parts) => {
        expect(['loaded', 'invalid']).toContain((await loadConfiguration({ file: file(parts.join('')) })).kind);
      }),
      { numRuns: 400, seed: 11 },
    );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('another database is refused by name, and its password is in no message', async () => {
    const url = 'mongodb://csp_user:secure_password@localhost:5432/csp_db';
    for (const sources of [{ env: { CSP_DATABASE_URL: url } }, { file: file(`database:\n  url: ${url}`) }]) {
      const diagnostics = await refused(sources);
      expect(diagnostics).toMatchObject([
        { code: 'CSP-CFG-004', message: expect.stringMatching(/mongodb.*not available.*postgresql/) },
      ]);
      expect(JSON.stringify(diagnostics)).not.toContain('secure_password');
    }
  });
});

describe('the names of the guide', () => {
  test('config/system.yaml of the guide is read as it is, and says what has no effect', async () => {
    const text = `
system: { name: Ours, version: 1.0.0, environment: production }
security: { encryption_algorithm: AES-256-GCM, mfa_required: true, rate_limit_requests_per_minute: 90, anomaly_detection_enabled: false }
ai_integration: { enable_protocol_synthesis: true, enable_emergent_detection: true, enable_consciousness_integration: true }
quantum: { enable_quantum_communication: true, quantum_fidelity_threshold: 0.85, error_correction_enabled: true }
blockchain: { enable_smart_contracts: true, consensus_mechanism: proof_of_stake, gas_optimization: true }
monitoring:
  enable_prometheus: true
  enable_grafana: true
  metrics_retention_days: 30
  alert_thresholds: { cpu_usage: 70, memory_usage: 85, error_rate: 0.05 }
`;
    const { values, diagnostics, explain } = await loaded({ file: file(text) });
    expect(values).toMatchObject({
      name: 'Ours',
      environment: 'production',
      rate: { anonymous_per_minute: 90 },
      alerts: { cpu_percent: 70, memory_percent: 85, error_rate: 0.05 },
      monitoring: { enable_prometheus: true, metrics_retention_days: 30 },
    });
    const told = diagnostics.map(({ code, severity, message }) => [code, severity, message.split(' ')[0]]);
    expect(told).toEqual(
      [
        'system.version',
        'security.encryption_algorithm',
        'security.mfa_required',
        'ai_integration.enable_protocol_synthesis',
        'ai_integration.enable_emergent_detection',
        'ai_integration.enable_consciousness_integration',
        'quantum.enable_quantum_communication',
        'quantum.quantum_fidelity_threshold',
        'quantum.error_correction_enabled',
        'blockchain.enable_smart_contracts',
        'blockchain.consensus_mechanism',
        'blockchain.gas_optimization',
        'monitoring.enable_grafana',
      ].map((key) => ['CSP-CFG-007', 'warning', key]),
    );
    expect(explain('system.name')).toMatchObject({ path: 'name', origin: { kind: 'file', place: 'csp.yaml:2:17' } });
  });

  test('one key under two names in one source is refused; a stronger source may use the other name', async () => {
    const both = 'name: A\nsystem: { name: B }';
    expect(await refused({ file: file(both) })).toMatchObject([{ code: 'CSP-CFG-002', place: 'csp.yaml:2:17' }]);
    const { values, explain } = await loaded({ flags: { 'system.name': 'F' }, file: file('name: A') });
    expect(values.name).toBe('F');
    expect(explain('name')?.overridden).toEqual([{ kind: 'file', place: 'csp.yaml:1:7' }]);
  });

  test('a misspelled name of the guide: the right one', async () => {
    expect(await refused({ file: file('monitoring: { alert_thresholds: { cpu_usge: 1 } }') })).toMatchObject([
      { code: 'CSP-CFG-001', nearest: 'monitoring.alert_thresholds.cpu_usage' },
    ]);
  });

  test('values are checked also where they have no effect, and are never repeated where they are secret', async () => {
    expect(await refused({ file: file('quantum: { quantum_fidelity_threshold: 85 }') })).toMatchObject([
      { code: 'CSP-CFG-007', severity: 'warning' },
      { code: 'CSP-CFG-002', severity: 'error', place: 'csp.yaml:1:40' },
    ]);
    const { explain, diagnostics } = await loaded({ envFile: { CSP_SECRET_KEY: 'geheim' } });
    expect(explain('security.secret_key')?.value).toBe('****');
    expect(JSON.stringify(diagnostics)).not.toContain('geheim');
  });

  test('keys of other programs in the environment of the process are no reason for a notice; in .env they are', async () => {
    const keys = { OPENAI_API_KEY: 'x', HUGGINGFACE_TOKEN: 'y', QUANTUM_TOKEN: 'z' };
    expect((await loaded({ env: keys })).diagnostics).toEqual([]);
    expect((await loaded({ envFile: keys })).diagnostics.map(({ code }) => code)).toEqual(Array(3).fill('CSP-CFG-007'));
  });

  test('the line of a variable, where it is known', async () => {
    const sources = { envFile: { CSP_PORT: 'x' }, lines: { envFile: { CSP_PORT: 7 } } };
    expect(await refused(sources)).toMatchObject([{ place: '.env:7:1', line: 7, column: 1 }]);
  });

  test('lists: of words in text, as lists in YAML; a mistake within one is placed', async () => {
    const expected = { origins: ['https://a.example', 'https://b.example'] };
    const words = 'https://a.example, https://b.example';
    expect((await loaded({ env: { CSP_CORS_ORIGINS: words } })).values.cors).toEqual(expected);
    const yaml = 'security: { network: { allowed_origins: [https://a.example, https://b.example] } }';
    expect((await loaded({ file: file(yaml) })).values.cors).toEqual(expected);
    expect(await refused({ file: file('cors:\n  origins: [https://a.example, b]') })).toMatchObject([
      { code: 'CSP-CFG-002', place: 'csp.yaml:2:12', message: expect.stringContaining('origins.1') },
    ]);
  });
});

describe('keys', () => {
  test('docs/configuration.md is what the schema says', async () => {
    const page = new URL('../../../docs/configuration.md', import.meta.url).pathname;
    await expect(configurationPage()).toMatchFileSnapshot(page);
  });

  test('each has a description, a variable of its own and a place in the explanation', async () => {
    const keys = configurationKeys();
    for (const { path, description } of keys) expect(description, path).not.toBe('');
    expect(new Set(keys.map(({ env }) => env)).size).toBe(keys.length);
    const names = keys.map(({ env }) => env);
    expect(names).toEqual(
      expect.arrayContaining([
        'CSP_PORT',
        'CSP_HOST',
        'CSP_DATA_DIR',
        'CSP_LOG_LEVEL',
        'CSP_ENVIRONMENT',
        'CSP_DEBUG',
        'CSP_DATABASE_URL',
      ]),
    );
    const { explainAll, explain } = await loaded({});
    expect(explainAll().map(({ path }) => path)).toEqual(keys.map(({ path }) => path));
    expect(explain('no.such')).toBeUndefined();
  });

  test('a password in a URL is masked where values are printed', () => {
    expect(masked('postgresql://user:secret@host/db')).toBe('postgresql://user:****@host/db');
    expect(masked('redis://:secret@host')).toBe('redis://:****@host');
    expect(masked('sqlite')).toBe('sqlite');
    expect(masked('mysql://u:a@b:c@host/d?sslpassword=x&ssl=1')).toBe('mysql://u:****@host/d?sslpassword=****&ssl=1');
  });

  test('the codes are in the table', () => {
    for (const code of ['CSP-CFG-001', 'CSP-CFG-002', 'CSP-CFG-003', 'CSP-CFG-004', 'CSP-CFG-005', 'CSP-CFG-006'])
      expect(PLATFORM_ERRORS).toHaveProperty(code);
  });
});
