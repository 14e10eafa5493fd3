// SPDX-License-Identifier: Apache-2.0
// What a command is: how it is described, what it is called with, and its outside.

/** What a command is called with. */
export interface Invocation {
  readonly arguments: readonly string[];
  /** By the option's name in camelCase; repeated options and defaults already applied. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly terminal: Terminal;
}

/** The outside of a command: results on stdout, messages on stderr. */
export interface Terminal {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Whether what goes there is coloured. */
  readonly colour: { readonly stdout: boolean; readonly stderr: boolean };
  /** A person looks on: messages are not kept, mailed or read by a program. */
  readonly isLookedAt: boolean;
  readonly readStandardInput: () => Promise<string>;
  /** Asks a person for what is not shown while it is typed. Absent where nobody could answer. */
  readonly askSecret?: ((question: string) => Promise<string>) | undefined;
  readonly workingDirectory: string;
  readonly environment: (name: string) => string | undefined;
  /** Calls back for each SIGINT and SIGTERM; the returned function stops that. */
  readonly onStopSignal: (callback: (signal: "SIGINT" | "SIGTERM") => void) => () => void;
}

/** Returns the exit status. */
export type Execute = (invocation: Invocation) => Promise<number>;

export interface OptionSpec {
  /** As in help: `--converged-timeout <seconds>`. */
  readonly flags: string;
  readonly doc: string;
  readonly default?: string | boolean | number;
  /** What becomes of what is written; fails with a `Failure` that says what it must be. */
  readonly read?: (text: string) => unknown;
  /** A whole number of at least this. */
  readonly wholeNumberFrom?: number;
  readonly choices?: readonly string[];
  /** It may be given several times; all of them make a list. */
  readonly many?: boolean;
  /** The heading that it stands below in help; absent: that of most. */
  readonly group?: string;
  /** An older spelling: works, but is not shown. */
  readonly hidden?: boolean;
}

export interface ArgumentSpec {
  /** As in help: `<path...>`, `[path...]`. Shells complete what is called path, file or directory. */
  readonly syntax: string;
  readonly doc: string;
  /** It must be one of these. */
  readonly choices?: readonly string[];
  /** Words with a meaning of their own, which shells complete. */
  readonly words?: readonly string[];
  /** Those that may stand behind a certain word. */
  readonly wordsAfter?: Readonly<Record<string, readonly string[]>>;
}

export interface CommandSpec {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** Shown below the summary by `--help`. */
  readonly doc: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  readonly examples: readonly { readonly line: string; readonly doc: string }[];
  /** What `--json` prints; its fields are stable. */
  readonly json?: { readonly doc: string; readonly example: string };
  readonly load: () => Promise<{ readonly execute: Execute }>;
}
