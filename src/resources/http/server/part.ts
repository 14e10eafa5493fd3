// SPDX-License-Identifier: Apache-2.0
// What a kind of member brings to the web server that it is a part of.

import type { MemberWant, ResourceEnv, Step } from "../../../contract/resource.ts";

/** All of it in the name of the member, whose `env` it is given; `server` is that of the server. */
export interface MemberPart {
  observe(member: MemberWant, env: ResourceEnv, server: ResourceEnv): Promise<readonly MemberStep[]>;
  apply(step: MemberStep, env: ResourceEnv, server: ResourceEnv): Promise<void>;
}

export interface MemberStep extends Step {
  readonly do: "serve" | "take" | "begin";
  readonly member: string;
  /** For people. */
  readonly text: string;
  readonly value: string;
}
