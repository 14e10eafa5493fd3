// SPDX-License-Identifier: Apache-2.0
// Images of a container engine by their names.

import { Failure } from "../../contract/failure.ts";
import type { Engine } from "./engine.ts";
import { textMember } from "../asking/members.ts";

/** With the tag or digest that it means: without one, that is `latest`. */
export function wholeName(image: string): string {
  const last = image.slice(image.lastIndexOf("/") + 1);
  return image.includes("@") || last.includes(":") ? image : `${image}:latest`;
}

export function isImageName(image: string): boolean {
  return /^[a-z0-9][\w.-]*(?::\d+)?(?:\/[a-z0-9][a-z0-9._-]*)*(?::[A-Za-z0-9_][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/.test(
    image,
  );
}

/** Undefined when the engine does not have it. */
export async function lookAtImage(image: string, engine: Engine): Promise<unknown> {
  return engine.look(`/images/${wholeName(image)}/json`);
}

export async function pullImage(image: string, engine: Engine, tell: (line: string) => void): Promise<void> {
  const whole = wholeName(image);
  for await (const progress of engine.follow("POST", `/images/create?fromImage=${encodeURIComponent(whole)}`)) {
    const error = textMember(progress, "error");
    if (error !== "") {
      throw new Failure(`${whole} cannot be pulled: ${error}`, {
        code: /not found|does not exist|manifest unknown|denied/i.test(error) ? "not-found" : "unreachable",
        ...(/not found|does not exist|manifest unknown/i.test(error) ? {} : { retry: "backoff" }),
      });
    }
    const status = textMember(progress, "status");
    // Bars that grow are for those who sit before them.
    if (status !== "" && textMember(progress, "progress") === "") tell(status);
  }
}
