/** `ctl completion bash`: a script for the shell, from the table of commands. zsh reads it too, by bashcompinit. */
import { CtlError } from './ctl-error.ts';
import type { Command } from './run.ts';

/** @param others the commands that are completed */
export function completionCommand(others: () => readonly Command[]): Command {
  return {
    name: 'completion',
    takes: '<bash or zsh>',
    says: 'writes a script that completes commands: source <(federation-agent ctl completion bash)',
    options: [],
    run: ({ words, out }) => {
      const [shell] = words;
      if (shell !== 'bash' && shell !== 'zsh') throw new CtlError('usage', 'completion takes bash or zsh');
      const zsh = shell === 'zsh' ? 'autoload -U +X bashcompinit && bashcompinit\n' : '';
      out(`${zsh}${script(others())}`);
      return Promise.resolve(true);
    },
  };
}

function script(commands: readonly Command[]): string {
  const first = [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? ''))];
  const groups = first.flatMap((word) => {
    const second = commands.flatMap(({ name }) =>
      name.startsWith(`${word} `) ? [name.split(' ')[1] ?? ''] : [],
    );
    return second.length === 0 ? [] : [`    ${word}) words="${second.join(' ')}" ;;`];
  });
  return [
    '_federation_agent_ctl() {',
    '  local at=1 words=""',
    '  [ "${COMP_WORDS[1]}" = ctl ] && at=2',
    '  if [ "$COMP_CWORD" -lt "$at" ]; then words=ctl',
    `  elif [ "$COMP_CWORD" -eq "$at" ]; then words="${first.join(' ')}"`,
    '  elif [ "$COMP_CWORD" -eq $((at + 1)) ]; then case "${COMP_WORDS[at]}" in',
    ...groups,
    '  esac; fi',
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    '}',
    'complete -F _federation_agent_ctl federation-agent',
    '',
  ].join('\n');
}
