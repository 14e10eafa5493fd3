// SPDX-License-Identifier: Apache-2.0
// The declared schema of `exec`.

import { field, fromName, optional, type Want } from "../../../contract/field.ts";

const shellDoc = "The shell that runs it, with `-c`. Without one it is split at white space, with no rules of quoting.";
const directoryDoc = "The directory in which it runs; when not given, that in which mgmt runs.";

export const execFields = {
  cmd: field.str({
    default: fromName,
    doc: "The command. Without `shell` it is split at white space, with no rules of quoting.",
    example: '"/usr/bin/touch /tmp/done"',
  }),
  args: field.strings({
    doc: "The arguments, one each, whatever they contain. `cmd` is then the program alone. Not with `shell`.",
    example: '["-m", "0700", "/srv/a directory"]',
  }),
  cwd: field.str({ doc: directoryDoc, example: '"/srv"' }),
  shell: field.str({ doc: shellDoc, example: '"/bin/bash"' }),
  env: field.stringMap({
    doc: "The whole environment of every command of this resource. When not given, it is empty.",
    example: '{"PATH" => "/usr/bin:/bin"}',
  }),
  sig: field.str({
    doc: "The signal that stops a command whose time is up, to all its processes. SIGTERM when not given.",
    example: '"SIGINT"',
  }),
  watchcmd: field.str({
    doc: "A command that goes on running; with each line that it writes, this resource is looked at again.",
    example: '"/usr/bin/inotifywait --monitor /srv"',
  }),
  watchcwd: field.str({ doc: directoryDoc }),
  watchshell: field.str({ doc: shellDoc }),
  watchfiles: field.strings({
    doc: "Paths; with each change there, this resource is looked at again. A slash at the end includes all below.",
    example: '["/etc/app.conf", "/etc/app.d/"]',
  }),
  ifcmd: field.str({
    doc: "A command that decides: `cmd` runs only if this ends with status 0.",
    example: '"/usr/bin/test -e /tmp/wanted"',
  }),
  ifcwd: field.str({ doc: directoryDoc }),
  ifshell: field.str({ doc: shellDoc }),
  ifequals: optional(
    field.str({ doc: "`cmd` does not run when all that `ifcmd` writes, on stdout and stderr, is exactly this." }),
  ),
  ifequals_stdout: optional(
    field.str({ doc: "`cmd` does not run when what `ifcmd` writes on stdout is exactly this.", example: '"up\\n"' }),
  ),
  nifcmd: field.str({
    doc: "A command that decides: `cmd` does not run if this ends with status 0.",
    example: '"/usr/bin/test -e /tmp/done"',
  }),
  nifcwd: field.str({ doc: directoryDoc }),
  nifshell: field.str({ doc: shellDoc }),
  creates: field.str({
    doc: "A path that `cmd` makes: it does not run when something is there.",
    example: '"/var/lib/app/database"',
  }),
  mtimes: field.strings({
    doc: "Files that must exist; when one is newer than the last run, `cmd` runs whatever the other conditions say.",
    example: '["/etc/app.conf"]',
  }),
  donecmd: field.str({ doc: "A command that runs after `cmd` succeeded and must succeed too." }),
  donecwd: field.str({ doc: directoryDoc }),
  doneshell: field.str({ doc: shellDoc }),
  user: field.str({
    doc: "The user, by name or number, as whom every command runs, and with whose first group. Needs root.",
    example: '"www-data"',
  }),
  group: field.str({ doc: "The group, by name or number, with which every command runs instead. Needs root." }),
  send_output: optional(field.str({ doc: "What is sent as `output` as long as no run has written anything." })),
  send_stdout: optional(field.str({ doc: "What is sent as `stdout` as long as no run has written to it." })),
  send_stderr: optional(field.str({ doc: "What is sent as `stderr` as long as no run has written to it." })),
};

export type ExecWant = Want<typeof execFields>;
