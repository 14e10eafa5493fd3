// SPDX-License-Identifier: Apache-2.0
// From the texts of a program to the command that the host runs.

import { Failure } from "../../../contract/failure.ts";
import type { Command } from "../../../contract/host.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import type { ExecWant } from "./fields.ts";

/** One of the commands of the resource, as the program gives it. */
export interface CommandText {
  readonly cmd: string;
  readonly args?: readonly string[];
  readonly shell: string;
  readonly cwd: string;
}

export function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

export function argvOf(text: CommandText): readonly [string, ...string[]] {
  if (text.shell !== "") return [text.shell, "-c", text.cmd];
  const [program = "", ...words] = wordsOf(text.cmd);
  return [program, ...words, ...(text.args ?? [])];
}

/** For people: its first line, and not too much of that. */
export function shownCommand(text: CommandText): string {
  const whole = [text.cmd.trim(), ...(text.args ?? [])].join(" ");
  const [line = ""] = whole.split("\n");
  const short = line.length > shownLength ? line.slice(0, shownLength) : line;
  return short === whole ? whole : `${short}…`;
}

/** With the environment, user and group that all commands of the resource share. */
export async function commandOf(text: CommandText, want: ExecWant, env: ResourceEnv): Promise<Command> {
  return {
    argv: argvOf(text),
    env: new Map([...want.env].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))),
    ...(text.cwd === "" ? {} : { cwd: text.cwd }),
    ...(want.sig === "" ? {} : { stopSignal: want.sig }),
    ...(await credentialsOf(want, env)),
  };
}

const shownLength = 120;

async function credentialsOf(want: ExecWant, env: ResourceEnv): Promise<{ uid?: number; gid?: number }> {
  const { identity } = env.host;
  const uid = want.user === "" ? undefined : await identity.userId(want.user, env.signal);
  if (want.user !== "" && uid === undefined) throw missing("user", want.user);
  const otherUid = uid === identity.uid ? undefined : uid;
  const gid =
    want.group === ""
      ? otherUid && (await identity.primaryGroupId(want.user, env.signal))
      : await identity.groupId(want.group, env.signal);
  if (want.group !== "" && gid === undefined) throw missing("group", want.group);
  const otherGid = gid === identity.gid ? undefined : gid;
  if ((otherUid !== undefined || otherGid !== undefined) && identity.uid !== 0) {
    throw new Failure(
      `cannot run a command as ${otherUid === undefined ? `group ${want.group}` : `user ${want.user}`}`,
      {
        code: "denied",
        hint: "Only root may run commands as somebody else.",
      },
    );
  }
  return { ...(otherUid === undefined ? {} : { uid: otherUid }), ...(otherGid === undefined ? {} : { gid: otherGid }) };
}

function missing(sort: "user" | "group", name: string): Failure {
  return new Failure(`there is no ${sort} named ${name}`, {
    code: "not-found",
    hint: `Declare ${sort} "${name}" before this command.`,
  });
}
