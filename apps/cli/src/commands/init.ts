/** `csp init [FOLDER]`: a folder with a configuration and a protocol to start from. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';

type Type = 'development' | 'production' | 'minimal';

interface Flags {
  readonly type: Type;
  readonly template: 'conversation' | 'module';
  readonly force: boolean;
  readonly json: boolean;
}

export const initCommand = buildCommand<Flags, [string?], Context>({
  docs: {
    brief: 'Make a folder to start from',
    fullDescription: [
      '  csp init deal && cd deal && csp check protocols/handshake.csp && csp start',
      '  csp init --type production',
      '  csp init --template module greeter',
      '',
      'Writes csp.yaml and a first protocol into FOLDER, and overwrites nothing. With --template module: a module of your own, with its tests.',
      'Exit status: 0 done, 4 a file is already there, 7 the folder cannot be made or written.',
    ].join('\n'),
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'The folder', parse: String, placeholder: 'FOLDER', optional: true }],
    },
    flags: {
      type: {
        kind: 'enum',
        values: ['development', 'production', 'minimal'],
        default: 'development',
        brief: 'What it is for',
      },
      template: {
        kind: 'enum',
        values: ['conversation', 'module'],
        default: 'conversation',
        brief: 'A first protocol, or a module that extends the platform',
      },
      json: { kind: 'boolean', default: false, brief: 'Print one JSON document' },
      force: { kind: 'boolean', default: false, brief: 'Overwrite files that are there' },
    },
  },
  async func({ type, template, force, json }, folder = '.') {
    const files = template === 'module' ? filesOfTemplate(template) : filesOf(type);
    const taken = Object.keys(files).filter((name) => existsSync(join(folder, name)));
    if (taken.length > 0 && !force)
      throw new CommandFailed(
        EXIT.conflict,
        `${taken.map((name) => join(folder, name)).join(', ')}: already there; --force overwrites`,
      );
    const { makeFolder } = await import('@enhanced-csp/storage');
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, name);
      try {
        makeFolder(dirname(path));
        writeFileSync(path, text);
      } catch (cause) {
        throw new CommandFailed(EXIT.denied, `cannot write ${path}: ${(cause as Error).message}`, { cause });
      }
      if (!json) this.print(`wrote ${path}`);
    }
    if (json) this.print(JSON.stringify({ folder, files: Object.keys(files) }));
    const enter = folder === '.' ? '' : `cd ${folder} && `;
    this.say(
      template === 'module'
        ? `\nnext: name it in the csp.yaml of an installation: modules: [${isAbsolute(folder) ? folder : `./${join(folder)}`}], then csp start; see ${join(folder, 'README.md')}`
        : `\nnext: ${enter}csp check protocols/handshake.csp && csp start`,
    );
  },
});

function filesOf(type: Type): Readonly<Record<string, string>> {
  return {
    'csp.yaml': CONFIGURATION[type],
    'protocols/handshake.csp': HANDSHAKE,
  };
}

/** From the nearest folder above that has templates: the checkout, or the package. */
function filesOfTemplate(name: string): Readonly<Record<string, string>> {
  let above = import.meta.dirname;
  while (!existsSync(join(above, 'templates', name)) && dirname(above) !== above) above = dirname(above);
  const from = join(above, 'templates', name);
  return Object.fromEntries(readdirSync(from).map((file) => [file, readFileSync(join(from, file), 'utf8')]));
}

const CONFIGURATION: Readonly<Record<Type, string>> = {
  minimal: 'port: 8000\n',
  development: 'environment: development\nport: 8000\ndata_dir: csp-data\nlog:\n  level: info\n',
  production:
    'environment: production\nhost: 127.0.0.1 # a reverse proxy with TLS stands in front\nport: 8000\ndata_dir: /var/lib/csp\nlog:\n  level: info\n  format: json\n',
};

const HANDSHAKE = `-- A client asks, a service answers or declines; either may crash. Check it with: csp check protocols/handshake.csp

--@ conversation HANDSHAKE roles client, service

datatype Role = client | service
channel ask, answer, decline : Role.Role
channel crash : Role

CLIENT = ask.client.service -> (answer.service.client -> SKIP [] decline.service.client -> SKIP [] crash.service -> SKIP)
      [] crash.client -> SKIP

SERVICE = ask.client.service -> ((answer.service.client -> SKIP |~| decline.service.client -> SKIP) [] crash.service -> SKIP)
       [] crash.client -> SKIP

HANDSHAKE = CLIENT [| {| ask, answer, decline, crash |} |] SERVICE

assert HANDSHAKE :[deadlock free [F]]
assert HANDSHAKE :[divergence free]
`;
