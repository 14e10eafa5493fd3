// SPDX-License-Identifier: Apache-2.0
// The home of the user whose session it is, asked of the machine before edges are made.

import type { EdgeFacts, Facts } from "../../contract/automatic.ts";
import type { Host } from "../../contract/host.ts";

const question = "home";

export const sessionHome: EdgeFacts<{ readonly session: boolean }> = {
  questions: ({ session }) => (session ? [question] : []),
  async ask(_questions, { host, signal }) {
    const home = await homeOf(host, signal);
    return new Map(home === undefined ? [] : [[question, [home]]]);
  },
};

export function homeIn(facts: Facts): string | undefined {
  return facts.get(question)?.[0];
}

export async function homeOf({ identity, system }: Host, signal: AbortSignal): Promise<string | undefined> {
  const given = system.environment("HOME");
  if (given !== undefined && given.startsWith("/")) return given;
  const user = await identity.userName(identity.uid, signal);
  return user === undefined ? undefined : identity.homeDirectory(user, signal);
}
