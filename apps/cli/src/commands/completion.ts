/** `csp completion SHELL`: a script for the shell; the proposals themselves come from the command tree. */
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';

type Shell = 'bash' | 'zsh' | 'fish';

export const completionCommand = buildCommand<{ readonly json: boolean }, [Shell], Context>({
  docs: {
    brief: 'Print a completion script for bash, zsh or fish',
    fullDescription: [
      '  source <(csp completion bash)',
      '  csp completion zsh > ~/.zfunc/_csp',
      '  csp completion fish > ~/.config/fish/completions/csp.fish',
      '',
    ].join('\n'),
  },
  parameters: {
    flags: { json: { kind: 'boolean', default: false, brief: 'Print one JSON document' } },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: shell,
          placeholder: 'SHELL',
          brief: 'bash, zsh or fish',
          proposeCompletions: () => ['bash', 'zsh', 'fish'],
        },
      ],
    },
  },
  func({ json }, name) {
    this.print(json ? JSON.stringify({ shell: name, script: SCRIPTS[name] }) : SCRIPTS[name].trimEnd());
  },
});

function shell(text: string): Shell {
  if (text === 'bash' || text === 'zsh' || text === 'fish') return text;
  throw new RangeError(`expected bash, zsh or fish, got '${text}'`);
}

const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `_csp() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(csp __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _csp csp
`,
  zsh: `#compdef csp
_csp() {
  local -a proposals
  proposals=("\${(@f)$(csp __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a proposals || _files
}
compdef _csp csp
`,
  fish: `complete -c csp -a '(csp __complete (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`,
};
