// SPDX-License-Identifier: Apache-2.0
// `tar` and `archive` on a real disk: the programs of the machine read what we make, and we read what they make.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { notTried, proves } from "../proofs.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { archive } from "../../src/resources/archives/archive.ts";
import { tar } from "../../src/resources/archives/tar.ts";
import { converge, drive } from "../resource.ts";

async function inDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-archives-"));
  try {
    await run(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function run(...argv: readonly [string, ...string[]]): string {
  const { status, stdout, stderr } = spawnSync(argv[0], argv.slice(1), { encoding: "utf8" });
  assert.equal(status, 0, `${argv.join(" ")}: ${stderr}`);
  return stdout;
}

function has(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

/** A tree with everything that archives have trouble with. */
function makeTree(top: string): void {
  mkdirSync(join(top, "deep", "x".repeat(120), "y".repeat(120)), { recursive: true });
  writeFileSync(join(top, "deep", "x".repeat(120), "y".repeat(120), "file"), "far down");
  writeFileSync(join(top, "big"), Buffer.alloc(1_500_000, "0123456789abcdef"));
  writeFileSync(join(top, "grün and\nodd"), "");
  writeFileSync(Buffer.concat([Buffer.from(`${top}/`), Buffer.of(0xff, 0x41)]), "bytes");
  writeFileSync(join(top, "program"), "#!/bin/sh\n");
  chmodSync(join(top, "program"), 0o750);
  symlinkSync("deep", join(top, "link"));
  symlinkSync("t".repeat(150), join(top, "long-link"));
}

/** Names in bytes, modes, link texts and contents. */
function described(top: string): readonly string[] {
  const lines: string[] = [];
  const enter = (directory: Buffer) => {
    for (const name of readdirSync(directory, "buffer").sort((one, other) => Buffer.compare(one, other))) {
      const path = Buffer.concat([directory, Buffer.from("/"), name]);
      const state = lstatSync(path);
      const content = state.isFile()
        ? readFileSync(path, "latin1")
        : state.isSymbolicLink()
          ? readlinkSync(path, "latin1")
          : "";
      lines.push(`${path.subarray(top.length).toString("hex")} ${state.mode.toString(8)} ${content}`);
      if (state.isDirectory()) enter(path);
    }
  };
  enter(Buffer.from(top));
  return lines;
}

test("the tar program extracts what we pack, in every form", () =>
  inDirectory(async (directory) => {
    const tree = join(directory, "tree");
    makeTree(tree);
    for (const format of [0, 4, 8]) {
      const [path, out] = [join(directory, `${format}.tar`), join(directory, `out-${format}`)];
      await converge(tar, path, { inputs: [`${tree}/`], format }, linuxHost());
      mkdirSync(out);
      const { status, stderr } = spawnSync("tar", ["-xpf", path, "-C", out], { encoding: "utf8" });
      assert.deepEqual([status, stderr], [0, ""]);
      assert.deepEqual(described(out), described(tree), `format ${format}`);
    }
  }));

test("we extract what the tar program packs, in every form and packing", (context) =>
  inDirectory(async (directory) => {
    const tree = join(directory, "tree");
    makeTree(tree);
    const packings: readonly (readonly [flag: string, program: string])[] = [
      ["", "tar"],
      ["--gzip", "gzip"],
      ["--zstd", "zstd"],
      ["--xz", "xz"],
      ["--bzip2", "bzip2"],
    ];
    for (const [flag, program] of packings) {
      if (!has(program)) {
        notTried(context, `${program} is not installed`);
        continue;
      }
      for (const format of flag === "" ? ["gnu", "pax", "posix"] : ["gnu"]) {
        const source = join(directory, `${program}-${format}.archive`);
        run("tar", "-C", directory, `--format=${format}`, ...(flag === "" ? [] : [flag]), "-cf", source, "tree");
        const out = join(directory, `out-${program}-${format}`);
        await converge(archive, out, { source, strip: 1 }, linuxHost(), { stateDirectory: `${out}.state` });
        assert.deepEqual(described(out), described(tree), `${program} ${format}`);
      }
    }
  }));

test("old forms of tar, and hard links, are extracted", () =>
  inDirectory(async (directory) => {
    mkdirSync(join(directory, "tree", "sub"), { recursive: true });
    writeFileSync(join(directory, "tree", "one"), "one");
    run("ln", join(directory, "tree", "one"), join(directory, "tree", "sub", "two"));
    for (const format of ["v7", "oldgnu", "ustar"]) {
      const source = join(directory, `${format}.tar`);
      run("tar", "-C", directory, `--format=${format}`, "-cf", source, "tree");
      const out = join(directory, `out-${format}`);
      await converge(archive, out, { source, strip: 1 }, linuxHost(), { stateDirectory: `${out}.state` });
      assert.deepEqual(described(out), described(join(directory, "tree")));
    }
  }));

test("we extract what zip programs pack", (context) =>
  inDirectory(async (directory) => {
    if (!has("python3")) {
      notTried(context, "python3, which packs the archive, is not installed");
      return;
    }
    const script = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as z:
    def add(name, mode, content, method=zipfile.ZIP_DEFLATED):
        info = zipfile.ZipInfo(name); info.external_attr = mode << 16; info.compress_type = method; info.create_system = 3
        z.writestr(info, content)
    add("app/", 0o40755, "")
    add("app/program", 0o100755, "#!/bin/sh\\n")
    add("app/stored", 0o100600, "x" * 5000, zipfile.ZIP_STORED)
    add("app/gr\\u00fcn", 0o100644, "y" * 500000)
    add("app/link", 0o120777, "program")
    with z.open(zipfile.ZipInfo("app/wide"), "w", force_zip64=True) as f: f.write(b"wide")
`;
    const [source, out] = [join(directory, "app.zip"), join(directory, "out")];
    run("python3", "-c", script, source);
    await converge(archive, out, { source, strip: 1 }, linuxHost(), { stateDirectory: join(directory, "state") });
    assert.deepEqual(readdirSync(out).sort(), ["grün", "link", "program", "stored", "wide"]);
    assert.equal(readFileSync(join(out, "grün"), "utf8"), "y".repeat(500_000));
    assert.equal(readFileSync(join(out, "wide"), "utf8"), "wide");
    assert.equal(readlinkSync(join(out, "link")), "program");
    assert.deepEqual(
      ["program", "stored"].map((name) => statSync(join(out, name)).mode & 0o777),
      [0o755, 0o600],
    );
    const damaged = readFileSync(source);
    damaged[damaged.indexOf("xxxxxx")] = 0x79;
    writeFileSync(source, damaged);
    const again = drive(archive, out, { source }, linuxHost(), { stateDirectory: join(directory, "other") });
    await assert.rejects(again.settle(), { code: "invalid", message: /app\/stored does not have its checksum/ });
  }));

test("what was extracted comes back on the event", () =>
  inDirectory(async (directory) => {
    const [source, out] = [join(directory, "a.tar"), join(directory, "out")];
    makeTree(join(directory, "tree"));
    run("tar", "-C", join(directory, "tree"), "-cf", source, ".");
    const stop = new AbortController();
    const options = { stateDirectory: join(directory, "state"), signal: stop.signal };
    const resource = drive(archive, out, { source }, linuxHost(), options);
    await resource.settle();
    const watch = resource.watch();
    await watch.next();
    rmSync(join(out, "big"));
    await watch.next();
    assert.deepEqual(await resource.settle(), ["~ extract 1 entry: big"]);
    await watch.next();
    chmodSync(join(out, "program"), 0o700);
    await watch.next();
    while ((await resource.plan()).length === 0) await watch.next();
    assert.deepEqual(await resource.settle(), ["~ set mode 0750 of program (was 0700)"]);
    stop.abort();
    assert.deepEqual(described(out), described(join(directory, "tree")));
  }));

test("hundreds of megabytes are packed and extracted in little memory", () =>
  inDirectory(async (directory) => {
    mkdirSync(join(directory, "tree"));
    const size = 200 * 1024 * 1024;
    run("sh", "-c", `head -c ${size} /dev/urandom > ${directory}/tree/big`);
    const before = process.memoryUsage().rss;
    const [path, out] = [join(directory, "big.tar"), join(directory, "out")];
    await converge(tar, path, { inputs: [join(directory, "tree")] }, linuxHost());
    const options = { stateDirectory: join(directory, "state") };
    await converge(archive, out, { source: path }, linuxHost(), options);
    const grownMiB = (process.memoryUsage().rss - before) / 1024 / 1024;
    assert.ok(grownMiB < 128, `200 MiB were packed and extracted with ${grownMiB.toFixed(0)} MiB more memory`);
    assert.ok(existsSync(join(out, "tree", "big")));
  }));

proves("archive", "real part");
proves("tar", "real part");
