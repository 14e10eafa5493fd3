// SPDX-License-Identifier: Apache-2.0
// Who we are for Amazon, found where its own programs look: in the environment, in the file of the user, and in the
// machine itself when it is one of Amazon's.

import { Failure } from "../../contract/failure.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import { textOf } from "../../values/bytes.ts";
import { ask, parseJson } from "../asking/answer.ts";
import { textMember } from "../asking/members.ts";
import type { Credentials } from "./sign.ts";

const metadataOrigin = "http://169.254.169.254";
const metadataIdleMs = 2_000;
const largestFileBytes = 1024 * 1024;

export async function findCredentials(env: ResourceEnv): Promise<Credentials> {
  const found = fromEnvironment(env) ?? (await fromFile(env)) ?? (await fromMachine(env));
  if (found !== undefined) return found;
  throw new Failure("there are no credentials for Amazon Web Services", {
    code: "denied",
    hint: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment of mgmt, or write ~/.aws/credentials.",
  });
}

function fromEnvironment({ host }: ResourceEnv): Credentials | undefined {
  const variable = (name: string) => host.system.environment(name) || undefined;
  const id = variable("AWS_ACCESS_KEY_ID");
  const secret = variable("AWS_SECRET_ACCESS_KEY");
  if (id === undefined || secret === undefined) return undefined;
  return { id, secret, session: variable("AWS_SESSION_TOKEN") };
}

async function fromFile({ host, signal }: ResourceEnv): Promise<Credentials | undefined> {
  const variable = (name: string) => host.system.environment(name) || undefined;
  const named = variable("AWS_SHARED_CREDENTIALS_FILE");
  const home = variable("HOME") ?? (host.identity.uid === 0 ? "/root" : undefined);
  const path = named ?? (home === undefined ? undefined : `${home}/.aws/credentials`);
  if (path === undefined || (await host.files.inspectTarget(path, signal)) === undefined) return undefined;
  const profile = variable("AWS_PROFILE") ?? "default";
  const values = sectionOf(textOf(await host.files.read(path, largestFileBytes, signal)), profile);
  const [id, secret] = [values.get("aws_access_key_id"), values.get("aws_secret_access_key")];
  if (id === undefined || secret === undefined) {
    throw new Failure(`${path} has no key for the profile ${profile}`, {
      code: "denied",
      hint: "It needs aws_access_key_id and aws_secret_access_key.",
    });
  }
  return { id, secret, session: values.get("aws_session_token") };
}

function sectionOf(text: string, wanted: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  let section = "";
  for (const line of text.split("\n")) {
    const [, title] = /^\s*\[\s*(.*?)\s*\]/.exec(line) ?? [];
    if (title !== undefined) section = title;
    const [, key, value] = /^\s*([^#;=\s]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (section === wanted && key !== undefined && value !== undefined) values.set(key.toLowerCase(), value);
  }
  return values;
}

/** Of the role that the machine has. Nothing when it is none of Amazon's. */
async function fromMachine({ host, signal }: ResourceEnv): Promise<Credentials | undefined> {
  if (host.system.environment("AWS_EC2_METADATA_DISABLED")?.toLowerCase() === "true") return undefined;
  const origin = host.system.environment("AWS_EC2_METADATA_SERVICE_ENDPOINT") || metadataOrigin;
  const who = "the machine's own metadata";
  const look = async (method: string, path: string, header: readonly [string, string]) =>
    ask(
      who,
      { method, url: `${origin}/latest/${path}`, headers: new Map([header]), idleMs: metadataIdleMs },
      host.http,
      signal,
    );
  try {
    const token = await look("PUT", "api/token", ["x-aws-ec2-metadata-token-ttl-seconds", "300"]);
    const header = ["x-aws-ec2-metadata-token", token.text] as const;
    const roles = await look("GET", "meta-data/iam/security-credentials/", header);
    const [role = ""] = roles.text.split("\n");
    if (token.status !== 200 || roles.status !== 200 || role === "") return undefined;
    const found = await look("GET", `meta-data/iam/security-credentials/${role}`, header);
    if (found.status !== 200) return undefined;
    const answer = parseJson(found.text, who);
    const [id, secret] = [textMember(answer, "AccessKeyId"), textMember(answer, "SecretAccessKey")];
    return id === "" || secret === "" ? undefined : { id, secret, session: textMember(answer, "Token") };
  } catch (reason) {
    if (reason instanceof Failure && (reason.code === "unreachable" || reason.code === "timed-out")) return undefined;
    throw reason;
  }
}
