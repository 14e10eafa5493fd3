// SPDX-License-Identifier: Apache-2.0
// What each field of kinds that are about files says, changed by other programs on a real disk, below a directory of its own.
// That nothing is left out says the table of each kind in memory, next to its tests.

import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { AnyWant } from "../../src/contract/resource.ts";
import type { Host } from "../../src/contract/host.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { type Change, someFields } from "../fields.ts";
import { notTried } from "../proofs.ts";

const isRoot = process.getuid?.() === 0;
const base = mkdtempSync(join(tmpdir(), "mgmt-fields-"));
chmodSync(base, 0o755);
process.on("exit", () => rmSync(base, { recursive: true, force: true }));

/** In which the cases are, one after the other. */
const root = join(base, "disk");

const inRoot = (name: string) => join(root, name);

interface Disk {
  readonly host: Host;
  readonly options: { readonly stateDirectory: string };
}

const environment = {
  ...process.env,
  ...{ GIT_AUTHOR_NAME: "test", GIT_AUTHOR_EMAIL: "test@example.com" },
  ...{ GIT_COMMITTER_NAME: "test", GIT_COMMITTER_EMAIL: "test@example.com" },
  // So that a commit has the same name each time.
  ...{ GIT_AUTHOR_DATE: "2026-01-01T00:00:00Z", GIT_COMMITTER_DATE: "2026-01-01T00:00:00Z" },
  GIT_CONFIG_GLOBAL: inRoot("gitconfig"),
};

/** Another program does it, in the shell of an administrator who stands in that directory. */
const shell = (script: string) => () =>
  void execFileSync("sh", ["-euc", script], { cwd: root, env: environment, stdio: ["ignore", "ignore", "inherit"] });

let count = 0;

/** A directory that is as if new, with what the script makes there; once, and then it is copied. */
const disk = (script: string) => {
  count += 1;
  const made = join(base, `made-${count}`);
  return (): Disk => {
    rmSync(root, { recursive: true, force: true });
    if (!existsSync(made)) {
      mkdirSync(root);
      shell(script)();
      renameSync(root, made);
    }
    cpSync(made, root, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    return machine();
  };
};

function machine(): Disk {
  const real = linuxHost();
  const own = new Map([...real.system.environmentVariables(), ["HOME", root]]);
  const system = {
    ...real.system,
    environment: (name: string) => own.get(name),
    environmentVariables: () => own,
  };
  return { host: { ...real, system }, options: { stateDirectory: inRoot("state") } };
}

const change = (fields: AnyWant, script: string, ...repair: readonly string[]): Change<Disk> => ({
  fields,
  outside: shell(script),
  repair,
});

const onlyRoot = <Changes extends object>(changes: Changes): Changes | Record<never, never> => (isRoot ? changes : {});
if (!isRoot) test("what only root can change", (context) => notTried(context, "only root gives files to others"));

const file = inRoot("file");

// The attribute is kept by kernels without SELinux as well, which only do nothing with it.
const [wanted, other] = ["system_u:object_r:etc_t:s0", "system_u:object_r:tmp_t:s0"];
const keepsContexts = spawnSync("chcon", [wanted, base]).status === 0;
if (isRoot && !keepsContexts)
  test("contexts of files", (context) => notTried(context, "this machine keeps no SELinux contexts"));

const contextChanges = [
  change({ selinux: wanted }, `chcon ${other} file`, `~ set the SELinux context ${wanted} (was ${other})`),
  change({ selinux: wanted }, "touch new; mv new file", `~ set the SELinux context ${wanted}`),
  change({ selinux: "" }, `chcon ${other} file`, `- remove the SELinux context (was ${other})`),
  {
    ...change({ selinux: wanted }, `chcon ${other} d`, `~ set the SELinux context ${wanted} (was ${other})`),
    name: `${root}/d/`,
  },
  {
    ...change(
      { symlink: true, source: inRoot("parts/a"), selinux: wanted },
      `chcon --no-dereference ${other} link`,
      `~ set the SELinux context ${wanted} (was ${other})`,
    ),
    name: inRoot("link"),
  },
];

someFields<Disk>("file", {
  machine: disk("umask 022; mkdir parts d; echo a > parts/a; echo b > parts/b; mkdir -p tree/in; echo t > tree/in/t"),
  name: file,
  fields: { state: "exists" },
  changes: {
    path: [
      change({ content: "a\n" }, "rm file", "+ write 2 bytes"),
      change({ content: "a\n" }, "mv file elsewhere", "+ write 2 bytes"),
    ],
    dirname: change({ dirname: `${root}/d/`, content: "a\n" }, "rm d/file", "+ write 2 bytes"),
    basename: change({ basename: "other", content: "a\n" }, "rm other", "+ write 2 bytes"),
    state: [
      change({}, "rm file", "+ make an empty file"),
      change({ state: "absent" }, "touch file", "- remove the file"),
      { ...change({ recurse: true }, "rmdir made", "+ make the directory"), name: `${root}/made/` },
    ],
    content: [
      change({ content: "a\n" }, "echo b > file", "~ write 2 bytes (was 2)"),
      change({ content: "a\n" }, "sed -i s/a/other/ file", "~ write 2 bytes (was 6)"),
      change({ content: "a\n" }, "truncate -s 0 file", "~ write 2 bytes (was 0)"),
    ],
    source: [
      change({ source: inRoot("parts/a") }, "echo longer > parts/a", `~ copy 7 bytes from ${root}/parts/a (was 2)`),
      {
        ...change(
          { source: `${root}/tree/`, recurse: true },
          "echo changed > copy/in/t",
          `~ copy 2 bytes from ${root}/tree/in/t to in/t (was 8)`,
        ),
        name: `${root}/copy/`,
      },
    ],
    fragments: change({ fragments: [`${root}/parts/`] }, "echo c > parts/c", "~ write 6 bytes (was 4)"),
    mode: [
      change({ mode: "0640" }, "chmod 0666 file", "~ set mode 0640 (was 0666)"),
      {
        ...change(
          { symlink: true, source: inRoot("parts/a"), mode: "0600" },
          "chmod 0644 parts/a",
          `~ set mode 0600 of ${root}/parts/a (was 0644)`,
        ),
        name: inRoot("link"),
      },
    ],
    purge: {
      ...change({ purge: true, recurse: true }, "touch d/stray", "- remove stray"),
      name: `${root}/d/`,
    },
    symlink: {
      ...change(
        { symlink: true, source: inRoot("parts/a") },
        "ln -sfn parts/b link",
        `~ link to ${root}/parts/a (was parts/b)`,
      ),
      name: inRoot("link"),
    },
    ...onlyRoot({
      owner: [
        change({ owner: "1" }, "chown 7 file", "~ set owner 1 (was 7)"),
        {
          ...change({ symlink: true, source: "parts/a", owner: "1" }, "chown -h 7 link", "~ set owner 1 (was 7)"),
          name: inRoot("link"),
        },
      ],
      group: change({ group: "1" }, "chgrp 7 file", "~ set group 1 (was 7)"),
      ...(keepsContexts ? { selinux: contextChanges } : {}),
    }),
  },
});

someFields<Disk>("line", {
  machine: disk("echo a > file"),
  name: "l",
  fields: { file, state: "exists", content: "x" },
  changes: {
    file: change({}, "rm file", '+ add the line "x" to a new file'),
    state: change({ state: "absent" }, "echo x >> file", '- remove the line "x"'),
    content: change({}, "sed -i 's/^x$/xx/' file", '+ add the line "x"'),
  },
});

someFields<Disk>("json:edit", {
  machine: disk("echo '{}' > file"),
  name: file,
  fields: { edits: [".a.b = 2", "del(.c)"] },
  changes: {
    store: change({}, "echo '{}' > other; mv other file", "~ set .a.b to 2"),
    edits: [
      change({}, "sed -i 's/2/3/' file", "~ set .a.b to 2 (was 3)"),
      change({}, `echo '{"a":{"b":2},"c":1}' > file`, "~ remove .c (was 1)"),
    ],
  },
});

someFields<Disk>("archive", {
  machine: disk("umask 022; mkdir in; echo text > in/x; tar --create --file a.tar --directory in x"),
  name: inRoot("out"),
  fields: { source: inRoot("a.tar") },
  changes: {
    path: [change({}, "rm -r out", "+ extract 1 entry: x"), change({}, "echo tXxt > out/x", "~ extract 1 entry: x")],
    source: change(
      {},
      "echo other > in/x; tar --create --file b.tar --directory in x; mv b.tar a.tar",
      "~ extract 1 entry: x",
    ),
    ...onlyRoot({
      owner: change({ owner: "1" }, "chown 9 out/x", "~ set owner 1: of x (was 9:0)"),
      group: change({ group: "1" }, "chgrp 9 out/x", "~ set owner :1 of x (was 0:9)"),
      same_owner: change({ same_owner: true }, "chown 9:9 out/x", "~ set owner 0:0 of x (was 9:9)"),
    }),
  },
});

if (spawnSync("git", ["--version"]).status !== 0) {
  test("git", (context) => notTried(context, "git is not installed"));
} else {
  const tree = inRoot("site");
  const fields = { url: inRoot("repository"), revision: "main" };
  const commit = "58b2512bdc";
  const submodules = { submodules: true, changes: "reset" };
  const submoduleRepair = ["~ undo changes: sub", "~ check out submodules: sub"];
  const asDaemon = (given: AnyWant, script: string, ...repair: readonly string[]): Change<Disk> => ({
    ...change({ user: "daemon", ...given }, script, ...repair),
    before: shell("chown --recursive daemon repository"),
  });
  const storeRepair = "~ set owner daemon: .git, .git/HEAD (was 0)";
  someFields<Disk>("git", {
    machine: disk(`
      umask 022
      printf '[protocol "file"]\\n\\tallow = always\\n[safe]\\n\\tdirectory = *\\n' > .gitconfig; cp .gitconfig gitconfig
      git init --quiet --initial-branch=main inner; echo inner > inner/f
      git -C inner add --all; git -C inner commit --quiet --message inner
      echo more >> inner/f; git -C inner commit --quiet --all --message more
      git init --quiet --initial-branch=main repository; echo one > repository/page
      git -C repository submodule --quiet add ../inner sub
      git -C repository add --all; git -C repository commit --quiet --message one
      git -C repository branch other`),
    name: tree,
    fields,
    changes: {
      url: change(
        {},
        "git -C site remote set-url origin /other",
        `~ set the URL of the repository to ${fields.url} (was /other)`,
      ),
      revision: change({}, "git -C site checkout --quiet -b mine", `~ check out main at ${commit} (was ${commit})`),
      changes: change({ changes: "reset" }, "echo mine > site/page", "~ undo changes: page"),
      clean: change({ clean: true }, "touch site/note", "- remove what is not in the repository: note"),
      path: change({}, "rm -r site", `+ clone ${fields.url}`, `+ check out main at ${commit}`),
      submodules: [
        change(submodules, "git -C site submodule deinit --quiet --force sub", "~ check out submodules: sub"),
        change(submodules, "git -C site/sub checkout --quiet HEAD~1", ...submoduleRepair),
        // Of this no file of the tree tells.
        change(submodules, "git -C site/sub commit --quiet --allow-empty --message mine", ...submoduleRepair),
        change(submodules, "echo mine > site/sub/f", ...submoduleRepair),
      ],
      ...onlyRoot({
        user: [
          asDaemon({}, "chown 0 site/page", "~ set owner daemon: page (was 0)"),
          asDaemon({}, "chown 0 site/.git site/.git/HEAD", storeRepair),
          asDaemon({}, "chown 7 site", "~ set owner daemon: . (was 7)"),
        ],
        group: asDaemon({ group: "adm" }, "chgrp 7 site/page", "~ set owner daemon and group adm: page (was 1:7)"),
      }),
    },
  });
}
