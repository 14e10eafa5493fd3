// SPDX-License-Identifier: Apache-2.0
// The script that a machine runs at the end of its installation, when the provisioner cannot give it everything at once: it
// asks again, says so, and never ends half handed off in silence. Run as it is, below a directory, with programs that only note.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { servedFiles } from "./served-files.ts";

const mac = "52:54:00:12:34:56";
const token = "0123456789abcdef0123456789abcdef";

/** Refuses the path in REFUSED as often as it says; gives a text for each other one. */
const curl = `#!/bin/sh
out=/dev/null form=
while [ $# -gt 1 ]; do
  case $1 in
  -o) out=$2; shift ;;
  -d) form=$2; shift ;;
  esac
  shift
done
path=\${1#http://*/}
[ -z "$form" ] || { echo "$form" >> told; path=told; }
case $path in
\${REFUSED}*)
  echo x >> refused
  [ $(wc -l < refused) -gt \${TIMES} ] || exit 22
  ;;
esac
echo "what is at \${path%%\\?*}" > "$out"
`;

const served = (): Promise<ReadonlyMap<string, string>> =>
  servedFiles(`import "embedded/provisioner"
include provisioner.base(struct{interface => "eth1", binary => "/usr/bin/mgmt"}) as base
include base.repo(struct{distro => "debian", version => "13", files => "/srv/debian/"}) as repo
include base.host("web1", struct{
	repo => $repo.uid,
	mac => "${mac}",
	token => "${token}",
	handoff_code => "/srv/site.mcl",
	handoff_cluster => true,
})
`);

async function finish(context: TestContext, refused: string, times: number) {
  const files = await served();
  const directory = mkdtempSync(join(tmpdir(), "mgmt-finish-"));
  context.after(() => rmSync(directory, { recursive: true }));
  for (const place of ["bin", "root", "usr/local/bin", "etc"]) mkdirSync(join(directory, place), { recursive: true });
  const program = (name: string, text: string): void => {
    writeFileSync(join(directory, "bin", name), text);
    chmodSync(join(directory, "bin", name), 0o755);
  };
  const here = `cd '${directory}'\n`;
  program("curl", curl.replace("\n", `\n${here}`));
  program("sleep", `#!/bin/sh\n${here}echo "$1" >> slept\n`);
  program("tar", "#!/bin/sh\n");
  program(
    "ssh-keygen",
    `#!/bin/sh\n${here}touch root/.ssh/id_ed25519\necho 'ssh-ed25519 AA+/= root' > root/.ssh/id_ed25519.pub\n`,
  );
  const script = (files.get(`http /finish/${mac}.sh`) ?? "")
    .replaceAll(/(?<![\w.])\/(root|usr\/local\/bin|etc)\b/g, `${directory}/$1`)
    .replaceAll("/dev/console", `${directory}/console`)
    // What was fetched is no program.
    .replaceAll(/^\$mgmt setup .*$/gm, `echo service >> ${directory}/set-up`);
  const { status } = spawnSync("sh", ["-c", script], {
    env: { PATH: `${directory}/bin:/usr/bin:/bin`, REFUSED: refused, TIMES: String(times) },
    timeout: 60_000,
  });
  const lines = (name: string): readonly string[] =>
    existsSync(join(directory, name)) ? readFileSync(join(directory, name), "utf8").trimEnd().split("\n") : [];
  return { status, lines };
}

test("all that can be had is fetched once, and the provisioner is told", async (context) => {
  const { status, lines } = await finish(context, "nothing", 0);
  assert.equal(status, 0, lines("root/mgmt-install.log").join("\n"));
  assert.deepEqual(lines("told"), ["done=true&sshtype=ssh-ed25519&sshkey=AA%2B%2F%3D&sshcomment=root"]);
  assert.deepEqual(lines("etc/default/mgmt"), [`MGMT_JOIN=what is at invitation/${mac}`]);
  assert.deepEqual([...lines("slept"), ...lines("console")], []);
  assert.deepEqual(lines("set-up"), ["service"]);
});

test("an invitation that cannot be had at once is asked for again, and the machine says so", async (context) => {
  const { status, lines } = await finish(context, "invitation/", 3);
  assert.equal(status, 0);
  assert.deepEqual(lines("slept"), ["1", "2", "4"]);
  assert.deepEqual(lines("console"), [
    ...["1", "2", "4"].map((pause) => `mgmt: the invitation into the cluster: not now (error 22), again in ${pause} s`),
    "mgmt: the invitation into the cluster: this time it went well",
  ]);
  assert.deepEqual(lines("told").slice(0, 2), [
    "stage=installing&progress=waits for the invitation into the cluster",
    "stage=installing&progress=the last steps",
  ]);
  assert.match(lines("told")[2] ?? "", /^done=true&/);
  assert.deepEqual(lines("etc/default/mgmt"), [`MGMT_JOIN=what is at invitation/${mac}`]);
});

test("one that never comes is given up after ten minutes, with a word for everybody, and nothing is called done", async (context) => {
  const { status, lines } = await finish(context, "invitation/", 1000);
  assert.notEqual(status, 0);
  const seconds = lines("slept").map(Number);
  assert.ok(Math.max(...seconds) === 30 && seconds.reduce((sum, each) => sum + each, 0) < 660, String(seconds));
  assert.match(
    lines("console").at(-1) ?? "",
    /^mgmt: this machine is not finished: the invitation into the cluster failed; .*\/root\/mgmt-install.log has more$/,
  );
  assert.equal(lines("told").at(-1), "stage=failed&progress=the invitation into the cluster");
  assert.ok(!lines("told").some((form) => form.startsWith("done")));
  assert.deepEqual(lines("set-up"), []);
});

test("that it is done is told until it is heard, or else the machine would be installed once more", async (context) => {
  const { status, lines } = await finish(context, "told", 4);
  assert.equal(status, 0);
  assert.match(lines("told").at(-1) ?? "", /^done=true&/);
});

test("the installer asks again for the script itself, and says so where a person sees it", async (context) => {
  const script = ((await served()).get(`http /preseed/${mac}.sh`) ?? "").replaceAll("/dev/console", "console");
  const tried = (refused: number) => {
    const directory = mkdtempSync(join(tmpdir(), "mgmt-finish-"));
    context.after(() => rmSync(directory, { recursive: true }));
    mkdirSync(join(directory, "bin"));
    mkdirSync(join(directory, "root"));
    const program = (name: string, text: string): void => {
      writeFileSync(join(directory, "bin", name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(directory, "bin", name), 0o755);
    };
    program(
      "wget",
      `case "$*" in *--post-data*) echo "$5" >> told ;; *) echo x >> asked; [ $(wc -l < asked) -gt ${refused} ] ;; esac`,
    );
    for (const name of ["logger", "sleep"]) program(name, "");
    program("in-target", 'echo "$*" >> ran');
    const { status } = spawnSync("sh", ["-c", script.replaceAll("/target/", `${directory}/`), "provision", "finish"], {
      cwd: directory,
      env: { PATH: `${directory}/bin:/usr/bin:/bin` },
      timeout: 60_000,
    });
    const lines = (name: string): readonly string[] =>
      existsSync(join(directory, name)) ? readFileSync(join(directory, name), "utf8").trimEnd().split("\n") : [];
    return { status, lines };
  };
  const late = tried(2);
  assert.equal(late.status, 0);
  assert.deepEqual(late.lines("ran"), ["sh /root/mgmt-finish.sh"]);
  assert.deepEqual(
    late.lines("console"),
    [1, 2].map((attempt) => `mgmt: the last steps: not now, again in 20 s (attempt ${attempt} of 30)`),
  );
  const never = tried(1000);
  assert.equal(never.status, 1);
  assert.equal(never.lines("console").at(-1), "mgmt: this machine is not finished: the last steps could not be had");
  assert.deepEqual(never.lines("told"), ["stage=failed&progress=the last steps could not be had"]);
  assert.deepEqual(never.lines("ran"), []);
});
