// SPDX-License-Identifier: Apache-2.0
// What zsh completes, as a script that it reads.

import type { Completed, CompletedCommand, CompletedOption } from "./completed-command.ts";

export function zshScript(commands: readonly CompletedCommand[]): string {
  const described = commands.flatMap(({ names, summary }) =>
    names.map((name) => `    ${quoted(`${name}:${escaped(summary)}`)}\n`),
  );
  return `#compdef mgmt
# Completion of mgmt for zsh: source <(mgmt completion zsh), or this as _mgmt in a directory of $fpath.

_mgmt() {
  local -a commands=(
${described.join("")}    'help:Show the help of a command'
  )
  if ((CURRENT == 2)); then
    _describe -t commands command commands
    _arguments '--version[Print the version]' '--help[Show the help]'
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${commands.map(ofCommand).join("")}    help)
      _describe -t commands command commands
      ;;
  esac
}

if [[ $funcstack[1] == _mgmt ]]; then
  _mgmt "$@"
else
  compdef _mgmt mgmt
fi
`;
}

function ofCommand({ names, options, argument, after }: CompletedCommand): string {
  const specs = options.flatMap(ofOption);
  const action = after.length === 0 ? actionOf(argument) : actionBehind(argument, after);
  if (action !== "") specs.push(quoted(`*:argument:${action}`));
  return `    ${names.join("|")})\n      _arguments -S ${specs.join(" \\\n        ")}\n      ;;\n`;
}

/** `(-v --verbose)--verbose[what it does]`: not again after itself. */
function ofOption({ spellings, doc, value, mayLackValue }: CompletedOption): readonly string[] {
  const explained = `[${escaped(doc)}]`;
  return spellings.map((spelling) => {
    const others = spellings.length > 1 ? `(${spellings.join(" ")})` : "";
    if (value === undefined) return quoted(`${others}${spelling}${explained}`);
    const optional = mayLackValue ? ":" : "";
    return quoted(
      `*${spelling}${spelling.startsWith("--") ? "=" : ""}${explained}:${optional}value:${actionOf(value)}`,
    );
  });
}

function actionOf({ words, paths }: Completed): string {
  const ofPaths = { none: "", files: "_files", directories: "_files -/" }[paths];
  if (words.length === 0) return ofPaths;
  if (ofPaths === "") return `(${words.join(" ")})`;
  return `_alternative "words:word:(${words.join(" ")})" "paths:path:${ofPaths}"`;
}

/** By the word that stands before. */
function actionBehind({ words }: Completed, after: CompletedCommand["after"]): string {
  const cases = after.map((each) => `${each.word}) compadd -- ${each.words.join(" ")} ;;`);
  return `{case $words[CURRENT-1] in ${cases.join(" ")} *) compadd -- ${words.join(" ")} ;; esac}`;
}

function escaped(doc: string): string {
  return doc.replaceAll(/[[\]:\\]/g, "\\$&");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
