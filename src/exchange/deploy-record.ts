// SPDX-License-Identifier: Apache-2.0
// What a deploy says of itself. The text of a record is what is signed, byte for byte, so it is kept as it was written.

/** Waves after which everybody has it; each is a number of hosts, or a share of them. */
export interface RolloutPlan {
  readonly waves: readonly Wave[];
  /** Hosts that come first, by name or with `*`: the canaries. */
  readonly first: readonly string[];
  /** Within a wave each host waits for a part of this, by its name. */
  readonly splayMs: number;
  /** How long every host of a wave must be well before the next begins. */
  readonly soakMs: number;
  /** A wave that is not well after so long stops the rollout. */
  readonly patienceMs: number;
  /** So many hosts may refuse it or be unwell before the rollout stops. */
  readonly mayFail: number;
  /** An expression of the language: true when a host is well. */
  readonly health?: string;
}

export type Wave = { readonly hosts: number } | { readonly percent: number };

export interface DeploySettings {
  readonly noop: boolean;
  readonly sema?: number;
  readonly autoedges: boolean;
  readonly autogroups: boolean;
}

export interface DeployRecord {
  readonly id: number;
  /** SHA-256 of the manifest, under which it stands among the blobs. */
  readonly bundle: string;
  readonly frontend: "mcl" | "yaml" | "empty";
  /** The program, as it was named where it comes from. */
  readonly name: string;
  readonly settings: DeploySettings;
  /** When it was made: milliseconds since 1970. */
  readonly atMs: number;
  /** Who made it: `user@host`. */
  readonly by: string;
  /** Of git. */
  readonly commit?: string;
  readonly parent?: string;
  /** The deploy whose program this one brings back. */
  readonly bringsBack?: number;
  readonly rollout?: RolloutPlan;
}

export interface Signature {
  /** SHA-256 of the public key, so that it can be found. */
  readonly key: string;
  /** Of the text, in base64. */
  readonly value: string;
}

/** A deploy as it stands in the store. */
export interface StoredDeploy {
  readonly record: DeployRecord;
  readonly text: string;
  readonly signature?: Signature;
}

/** Undefined when the text is not a record that this version understands. */
export function parseRecord(text: string): DeployRecord | undefined {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof record !== "object" || record === null || !("version" in record) || record.version !== 1) return undefined;
  const { id, bundle, frontend, name, settings, atMs, by, rollout } = record as {
    readonly [Field in keyof DeployRecord]?: DeployRecord[Field];
  };
  const isWhole =
    Number.isInteger(id) &&
    /^[0-9a-f]{64}$/.test(bundle ?? "") &&
    (frontend === "mcl" || frontend === "yaml" || frontend === "empty") &&
    [name, by].every((each) => typeof each === "string") &&
    typeof atMs === "number" &&
    typeof settings === "object" &&
    isPlanOrAbsent(rollout);
  return isWhole ? (record as unknown as DeployRecord) : undefined;
}

/** The same record gives the same text. */
export function renderRecord(record: DeployRecord): string {
  return JSON.stringify({ version: 1, ...record });
}

function isPlanOrAbsent(plan: RolloutPlan | undefined): boolean {
  if (plan === undefined) return true;
  const { waves, first, splayMs, soakMs, patienceMs, mayFail } = plan;
  return (
    Array.isArray(waves) &&
    waves.length > 0 &&
    Array.isArray(first) &&
    [splayMs, soakMs, patienceMs, mayFail].every((each) => typeof each === "number" && each >= 0)
  );
}
