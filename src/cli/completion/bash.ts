// SPDX-License-Identifier: Apache-2.0
// What bash (4 and later) completes, as a script that it reads.

import type { Completed, CompletedCommand } from "./completed-command.ts";

export function bashScript(commands: readonly CompletedCommand[]): string {
  const names = commands.flatMap((command) => command.names);
  return `# Completion of mgmt for bash: source <(mgmt completion bash)

_mgmt() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} words= paths=
  # What bash takes --option=value for is three words.
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    words=${quoted([...names, "help", "--help", "--version"])}
  else
    case \${COMP_WORDS[1]} in
${commands.map(ofCommand).join("")}      help)
        words=${quoted(names)}
        ;;
    esac
  fi
  [[ -n $words ]] && mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  if [[ -n $paths && $current != -* ]]; then
    compopt -o filenames
    local path
    while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$paths" -- "$current")
  fi
}

complete -F _mgmt mgmt
`;
}

function ofCommand({ names, options, argument, after }: CompletedCommand): string {
  const taking = options.filter(({ value, mayLackValue }) => value !== undefined && !mayLackValue);
  const cases = taking.map(({ spellings, value }) => `          ${spellings.join("|")}) ${assignments(value)} ;;\n`);
  cases.push(...after.map(({ word, words }) => `          ${word}) ${assignments({ words, paths: "none" })} ;;\n`));
  const spellings = options.flatMap((option) => option.spellings);
  return `      ${names.join("|")})
        case $previous in
${cases.join("")}          *)
            ${assignments(argument)}
            [[ $current == -* ]] && words=${quoted(spellings)}
            ;;
        esac
        ;;
`;
}

function assignments(completed: Completed | undefined): string {
  const { words, paths } = completed ?? { words: [], paths: "none" };
  const flag = { none: "", files: "-f", directories: "-d" }[paths];
  return `words=${quoted(words)} paths=${flag}`;
}

function quoted(words: readonly string[]): string {
  return `'${words.join(" ")}'`;
}
