// SPDX-License-Identifier: Apache-2.0
// Users of a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { group } from "./group.ts";
import { user } from "./user.ts";

const hash = "$6$salt$0123456789";
const never = new AbortController().signal;

function machine(): MemoryHost {
  const host = memoryHost();
  host.outside.write("/etc/group", "root:x:0:\nadm:x:4:\nstaff:x:50:\nvideo:x:44:\n");
  host.outside.makeDirectory("/homes");
  host.outside.makeDirectory("/etc/skel/.config");
  host.outside.write("/etc/skel/.profile", "umask 027\n");
  host.outside.link("/etc/skel/.login", ".profile");
  return host;
}

test("a new user has everything that was asked for", async () => {
  const host = machine();
  const fields = {
    uid: 1001,
    group: "staff",
    groups: ["video", "adm"],
    homedir: "/homes/alice/",
    shell: "/bin/bash",
    comment: "Alice",
    password: hash,
    createhome: true,
  };
  assert.deepEqual(await converge(user, "alice", fields, host), [
    "+ add the user: number 1001, group staff, also in video, adm, home /homes/alice, shell /bin/bash",
    "+ set the password",
    "+ make the home directory /homes/alice",
  ]);
  assert.match(host.outside.read("/etc/passwd") ?? "", /^alice:x:1001:50:Alice:\/homes\/alice:\/bin\/bash$/m);
  assert.match(host.outside.read("/etc/group") ?? "", /^video:x:44:alice$/m);
  assert.match(host.outside.read("/etc/shadow") ?? "", /^alice:\$6\$salt\$0123456789:/m);
  for (const path of ["/homes/alice", "/homes/alice/.profile", "/homes/alice/.login", "/homes/alice/.config"]) {
    assert.equal((await host.files.inspect(path, never))?.uid, 1001, path);
  }
  assert.equal((await host.files.inspect("/homes/alice", never))?.mode, 0o700);
});

test("what is not given stays as it is", async () => {
  const host = machine();
  assert.deepEqual(await converge(user, "bob", {}, host), ["+ add the user"]);
  const before = host.outside.read("/etc/passwd");
  host.outside.write("/etc/group", "staff:x:50:bob\n");
  assert.deepEqual(await converge(user, "bob", {}, host), []);
  assert.equal(host.outside.read("/etc/passwd"), before);
  assert.equal(host.outside.exists("/home/bob"), false);
  assert.deepEqual(await converge(user, "bob", { groups: [] }, host), ["~ set the other groups to none (was staff)"]);
});

test("a group of its own name that is there becomes that of a new user", async () => {
  const host = machine();
  await converge(group, "carol", { gid: 3000 }, host);
  await converge(user, "carol", {}, host);
  assert.equal((await host.accounts.user("carol", never))?.gid, 3000);
});

test("each field is set by itself, with what it was", async () => {
  const host = machine();
  host.outside.addUser("dan", 1005);
  host.outside.write("/etc/group", `${host.outside.read("/etc/group")}dan:x:1005:\n`);
  const check = async (fields: AnyWant, ...steps: readonly string[]) =>
    assert.deepEqual(await converge(user, "dan", fields, host), steps);
  await check({ uid: 1006 }, "~ set the number 1006 (was 1005)");
  await check({ group: "staff" }, "~ set the primary group staff (was dan)");
  await check({ gid: 1005 }, "~ set the primary group 1005 (was staff)");
  await check({ groups: ["adm"] }, "~ set the other groups adm (was none)");
  await check({ homedir: "/srv/dan/" }, "~ set the home directory /srv/dan (was /home/dan)");
  await check({ shell: "/bin/false" }, "~ set the shell /bin/false (was /bin/sh)");
  await check({ comment: "Dan" }, '~ set the comment "Dan" (was "")');
  await check({ password: "*" }, "+ set the password");
  await check({ password: hash }, "+ set the password");
  await check({ password: `${hash}x` }, "~ set another password");
  await check({ createhome: true }, "+ make the home directory /srv/dan");
});

test("a primary group that lists its user makes no difference", async () => {
  const host = machine();
  host.outside.write("/etc/passwd", "eve:x:1001:50::/home/eve:/bin/sh\n");
  host.outside.write("/etc/group", "staff:x:50:eve\nadm:x:4:eve\n");
  assert.deepEqual(await converge(user, "eve", { group: "staff", groups: ["adm"] }, host), []);
});

test("the removal of a user says what goes and what stays", async () => {
  const host = machine();
  const removal = async (fields: AnyWant) => {
    await converge(user, "fay", { homedir: "/homes/fay/", createhome: true }, host);
    return converge(user, "fay", { state: "absent", ...fields }, host);
  };
  assert.deepEqual(await removal({}), ["- remove the user with the number 1000 and its own group; /homes/fay stays"]);
  assert.ok(host.outside.exists("/homes/fay/.profile"));
  assert.deepEqual(await removal({ removehome: true }), [
    "- remove the user with the number 1000 and its own group, and /homes/fay with everything in it",
  ]);
  assert.equal(host.outside.exists("/homes/fay"), false);
  assert.deepEqual(await converge(user, "fay", { state: "absent" }, host), []);
});

test("a home that is not that of the user alone is never removed", async () => {
  const host = machine();
  const removal = async (homedir: string) => {
    await converge(user, "gus", { homedir }, host);
    return converge(user, "gus", { state: "absent", removehome: true }, host);
  };
  host.outside.makeDirectory("/srv/shared");
  assert.deepEqual(await removal("/srv/shared/"), [
    "- remove the user with the number 1000 and its own group; /srv/shared stays: it belongs to the user number 0",
  ]);
  host.outside.setOwner("/srv", 1000, 1000);
  assert.deepEqual(await removal("/srv/"), [
    "- remove the user with the number 1000 and its own group; /srv stays: it stands directly in /",
  ]);
  host.outside.link("/srv/link", "shared");
  assert.deepEqual(await removal("/srv/link/"), [
    "- remove the user with the number 1000 and its own group; /srv/link stays: it is no directory",
  ]);
  assert.ok(host.outside.exists("/srv/shared"));
});

test("a change of each part behind its back is seen", async () => {
  const host = machine();
  const stop = new AbortController();
  const fields = { groups: ["adm"], password: hash, homedir: "/homes/hal/", createhome: true };
  const resource = drive(user, "hal", fields, host, { signal: stop.signal });
  await resource.settle();
  const watch = resource.watch();
  await watch.next();
  const edit = (path: string, from: RegExp, to: string) =>
    host.outside.write(path, (host.outside.read(path) ?? "").replace(from, to));
  for (const [change, step] of [
    [() => edit("/etc/passwd", /\/homes\/hal/, "/x"), "~ set the home directory /homes/hal (was /x)"],
    [() => edit("/etc/group", /:hal$/m, ":"), "~ set the other groups adm (was none)"],
    [() => edit("/etc/shadow", /\$6.*?:/, "!:"), "+ set the password"],
    [() => host.outside.remove("/homes/hal"), "+ make the home directory /homes/hal"],
  ] as const) {
    const woken = watch.next();
    change();
    await woken;
    assert.deepEqual(await resource.settle(), [step]);
  }
  stop.abort();
});

test("the place of a home that the machine has chosen is watched too", async () => {
  const host = machine();
  const stop = new AbortController();
  const resource = drive(user, "ida", { createhome: true }, host, { signal: stop.signal });
  const watch = resource.watch();
  await watch.next();
  await resource.settle();
  await watch.next();
  const woken = watch.next();
  host.outside.remove("/home/ida");
  await woken;
  assert.deepEqual(await resource.settle(), ["+ make the home directory /home/ida"]);
  stop.abort();
});

test("numbers that are taken and groups that are missing are told", async () => {
  const host = machine();
  await assert.rejects(drive(user, "jim", { uid: 0 }, host).settle(), {
    code: "conflict",
    message: "the user number 0 belongs to root",
  });
  await converge(user, "jim", { uid: 0, allowduplicateuid: true }, host);
  await assert.rejects(drive(user, "kim", { groups: ["nowhere"] }, host).settle(), {
    code: "not-found",
    message: "there is no group nowhere",
  });
  await assert.rejects(drive(user, "kim", {}, memoryHost({ uid: 1000 })).settle(), { code: "denied" });
});

test("mistakes are found before anything is touched, and show no password", () => {
  const check = (name: string, fields: AnyWant, ...titles: readonly string[]) =>
    assert.deepEqual(problemsOf(user, name, fields), titles);
  check("alice", { homedir: "/homes/alice/", shell: "/bin/sh", groups: ["adm"], password: "!" });
  for (const password of [hash, "!$6$a$b", "*", "$y$j9T$abc$def", "abJnggxhB/yWI"]) check("alice", { password });
  check("-x", {}, '"-x" cannot be the name of a user: it must begin with a letter or _');
  check("alice", { uid: 4_294_967_295 }, "4294967295 cannot be the number of a user: the largest is 4294967294");
  check("alice", { gid: 1, group: "a" }, "`group` and `gid` both say which the primary group is: give one of them");
  check("alice", { group: "a", groups: ["a"] }, '"a" is the primary group already: leave it out of `groups`');
  check(
    "alice",
    { groups: ["alice"] },
    '"alice" is the primary group already, as nothing else is said: leave it out of `groups`',
  );
  check("alice", { groups: ["a", "a"] }, "a group stands in `groups` twice");
  check("alice", { groups: ["a:b"] }, '"a:b" cannot be the name of a group: it may have letters, digits, and _ . -');
  for (const homedir of ["/homes/alice", "home/"]) {
    check("alice", { homedir }, `the home directory "${homedir}" must be an absolute path with a slash at its end`);
  }
  check("alice", { homedir: "/a:b/" }, "the home directory can have no colon and no line end in it");
  check("alice", { shell: "bash" }, 'the shell "bash" must be the absolute path of a program');
  check("alice", { comment: "a:b" }, "the comment must be a single line without a colon");
  for (const password of ["hunter2", "", "$6$a:b$c"]) {
    check("alice", { password }, "the `password` of a user must be the hash of it, as crypt(5) has it");
  }
});

test("whatever is there, a user becomes as declared, and everybody else stays", async () => {
  const names = fc.constantFrom("root", "alice", "bob");
  const passwd = fc.array(
    fc.oneof(
      fc.constant("+::::::"),
      fc
        .record({ name: names, uid: fc.integer({ min: 0, max: 3 }), gid: fc.constantFrom(0, 4, 50, 99) })
        .map(({ name, uid, gid }) => `${name}:x:${uid}:${gid}:c:/home/${name}:/bin/sh`),
    ),
  );
  const listed = fc.constantFrom("", "alice", "bob", "bob,alice", "alice,alice,bob");
  const wanted = fc.record(
    {
      state: fc.constantFrom("exists", "absent"),
      uid: fc.constantFrom(1001, 1002),
      group: fc.constantFrom("staff", "video"),
      groups: fc.subarray(["adm", "root"]),
      homedir: fc.constantFrom("/homes/alice/", "/srv/a/"),
      shell: fc.constantFrom("/bin/sh", "/bin/false"),
      comment: fc.constantFrom("", "x"),
      password: fc.constantFrom("!", hash),
      createhome: fc.boolean(),
      removehome: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(passwd, listed, listed, wanted, fc.boolean(), async (lines, one, other, fields, shadowed) => {
      const host = memoryHost();
      const others = () =>
        (host.outside.read("/etc/passwd") ?? "").split("\n").filter((line) => !line.startsWith("alice:"));
      host.outside.write("/etc/passwd", lines.map((line) => `${line}\n`).join(""));
      host.outside.write("/etc/group", `root:x:0:${one}\nadm:x:4:${other}\nstaff:x:50:\nvideo:x:44:${one}\n`);
      if (!shadowed) host.outside.remove("/etc/shadow");
      const before = others();
      await converge(user, "alice", fields, host);
      assert.deepEqual(others(), before);
    }),
    { numRuns: 300 },
  );
});

proves("user", "twice", "outside change", "bad values", "random starts");
