// SPDX-License-Identifier: Apache-2.0
// Mistakes in what a program wants of a command that its types cannot tell.

import type { WantProblem } from "../../../contract/resource.ts";
import { wordsOf } from "./command-line.ts";
import type { ExecWant } from "./fields.ts";
import { accountProblems } from "../../accounts/account-fields.ts";
import { pathProblems } from "../../files/possible-path.ts";
import { argumentProblems } from "../possible-argument.ts";

export function checkExec(want: ExecWant): readonly WantProblem[] {
  const { user, group } = want;
  return [
    ...checkCommand(want),
    ...checkPaths(want),
    ...checkEnvironment(want),
    ...checkSignal(want),
    ...checkArguments(want),
    ...accountProblems({ user, group }),
  ];
}

function checkCommand(want: ExecWant): WantProblem[] {
  const found: WantProblem[] = [];
  if (wordsOf(want.cmd).length === 0)
    found.push({
      field: "cmd",
      title: "there is no command to run",
      hint: "Write it into `cmd`, or name the resource with it.",
    });
  if (want.args.length > 0 && want.shell !== "") {
    found.push({ field: "args", title: "`args` cannot go with `shell`", hint: "Write the whole command into `cmd`." });
  } else if (want.args.length > 0 && wordsOf(want.cmd).length > 1) {
    found.push({
      field: "cmd",
      title: `with \`args\`, \`cmd\` is the program alone, but "${want.cmd}" has several words`,
      hint: "Move all words but the first into `args`.",
    });
  }
  return found;
}

function checkPaths(want: ExecWant): WantProblem[] {
  const paths: (readonly [field: keyof ExecWant, path: string])[] = [
    ...(["cwd", "watchcwd", "ifcwd", "nifcwd", "donecwd", "creates"] as const)
      .filter((name) => want[name] !== "")
      .map((name) => [name, want[name]] as const),
    ...want.watchfiles.map((path) => ["watchfiles", path] as const),
    ...want.mtimes.map((path) => ["mtimes", path] as const),
  ];
  const relative = paths
    .filter(([, path]) => !path.startsWith("/"))
    .map(([field, path]) => ({
      field,
      title: `the path "${path}" in \`${field}\` is not absolute`,
      hint: "Begin it with a slash.",
    }));
  const { cwd, watchcwd, ifcwd, nifcwd, donecwd, creates, watchfiles, mtimes } = want;
  return [...relative, ...pathProblems({ cwd, watchcwd, ifcwd, nifcwd, donecwd, creates, watchfiles, mtimes })];
}

/** Of what the kernel hands to a program. A command without a shell is several arguments, of which none is longer. */
function checkArguments(want: ExecWant): WantProblem[] {
  const { cmd, ifcmd, nifcmd, donecmd, watchcmd, shell, ifshell, nifshell, doneshell, watchshell, args } = want;
  const commands = { cmd, ifcmd, nifcmd, donecmd, watchcmd, shell, ifshell, nifshell, doneshell, watchshell, args };
  const env = [...want.env].map(([name, value]) => `${name}=${value}`);
  return argumentProblems({ ...commands, env });
}

function checkEnvironment(want: ExecWant): WantProblem[] {
  return [...want.env.keys()]
    .filter((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    .map((name) => ({
      field: "env",
      title: `"${name}" is no name of an environment variable`,
      hint: "Letters, digits and underscores, not beginning with a digit.",
    }));
}

function checkSignal(want: ExecWant): WantProblem[] {
  if (want.sig === "" || signals.has(want.sig)) return [];
  const upper = want.sig.toUpperCase();
  const meant = [upper, `SIG${upper}`].find((name) => signals.has(name));
  return [
    {
      field: "sig",
      title: `there is no signal "${want.sig}"`,
      hint: meant === undefined ? "Signals are written like SIGTERM, SIGINT or SIGHUP." : `Did you mean ${meant}?`,
    },
  ];
}

const signals: ReadonlySet<string> = new Set([
  "SIGABRT",
  "SIGALRM",
  "SIGBUS",
  "SIGCHLD",
  "SIGCONT",
  "SIGFPE",
  "SIGHUP",
  "SIGILL",
  "SIGINT",
  "SIGIO",
  "SIGIOT",
  "SIGKILL",
  "SIGPIPE",
  "SIGPOLL",
  "SIGPROF",
  "SIGPWR",
  "SIGQUIT",
  "SIGSEGV",
  "SIGSTKFLT",
  "SIGSTOP",
  "SIGSYS",
  "SIGTERM",
  "SIGTRAP",
  "SIGTSTP",
  "SIGTTIN",
  "SIGTTOU",
  "SIGURG",
  "SIGUSR1",
  "SIGUSR2",
  "SIGVTALRM",
  "SIGWINCH",
  "SIGXCPU",
  "SIGXFSZ",
]);
