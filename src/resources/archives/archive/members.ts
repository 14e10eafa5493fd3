// SPDX-License-Identifier: Apache-2.0
// The members of an archive file of any form, one after the other. The form is known by how the file begins.

import { Failure } from "../../../contract/failure.ts";
import type { Guard, PackedForm } from "../../../contract/host.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { ByteSource } from "../formats/byte-source.ts";
import type { Member } from "../formats/member.ts";
import { readTar } from "../formats/tar-reading.ts";
import { readZip } from "../formats/zip-reading.ts";
import { largestBytes } from "../output.ts";

const beginnings: readonly (readonly [PackedForm | "zip", readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
  ["zip", [0x50, 0x4b, 0x05, 0x06]],
];

export async function* membersOf(path: string, guard: Guard, env: ResourceEnv): AsyncGenerator<Member> {
  const { host, signal } = env;
  const form = await formOf(path, guard, env);
  if (form === "zip") {
    const bytes = await host.files.read(path, largestBytes, signal, guard);
    yield* readZip(bytes, (packed) => host.compression.unpack(only(packed), "deflate", signal));
    return;
  }
  const packed = host.files.pieces(path, signal, guard);
  const source = new ByteSource(form === undefined ? packed : host.compression.unpack(packed, form, signal));
  try {
    yield* readTar(source);
    await source.drain(); // So that damage behind the last member is seen too.
  } finally {
    await source.close();
  }
}

async function formOf(
  path: string,
  guard: Guard,
  { host, signal }: ResourceEnv,
): Promise<PackedForm | "zip" | undefined> {
  const source = new ByteSource(host.files.pieces(path, signal, guard));
  try {
    const begin = await source.some(8);
    if (begin === undefined) throw new Failure(`the archive ${path} is empty`, { code: "invalid" });
    return beginnings.find(([, bytes]) => bytes.every((byte, index) => begin[index] === byte))?.[0];
  } finally {
    await source.close();
  }
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
