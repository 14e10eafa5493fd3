// SPDX-License-Identifier: Apache-2.0
// What every host must do with users and groups, as cases that run on each. The real machine runs them where its tables
// are copies that may be spoilt.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Host } from "../contract/host.ts";
import { fails, never } from "./bench.test-support.ts";

/** A host with whose tables anything may be done; each case makes its own users. */
export function accountContract(name: string, makeHost: () => Host): void {
  describe(`accounts of ${name}`, () => {
    const check = (title: string, task: (host: Host) => Promise<void>) => {
      it(title, { timeout: 30_000 }, async () => task(makeHost()));
    };

    check("a new user is as it was asked for, and can be found by name and number", async ({ accounts, identity }) => {
      await accounts.addGroup("crew", { gid: 4001 }, never());
      await accounts.addGroup("extra", { gid: 4002 }, never());
      await accounts.addUser(
        "ann",
        { uid: 5001, group: "crew", groups: ["extra"], comment: "Ann A", home: "/srv/ann", shell: "/bin/false" },
        never(),
      );
      const ann = {
        name: "ann",
        uid: 5001,
        gid: 4001,
        comment: "Ann A",
        home: "/srv/ann",
        shell: "/bin/false",
        groups: ["extra"],
      };
      assert.deepEqual(await accounts.user("ann", never()), ann);
      assert.deepEqual(await accounts.userWithId(5001, never()), ann);
      assert.deepEqual(await accounts.group("extra", never()), { name: "extra", gid: 4002, members: ["ann"] });
      assert.deepEqual(await accounts.groupWithId(4001, never()), { name: "crew", gid: 4001, members: [] });
      assert.equal(await identity.userId("ann", never()), 5001);
      assert.match((await accounts.passwordHash("ann", never())) ?? "", /^!/);
    });

    check("a user of whom nothing is asked gets a group of its own, or that of its name", async ({ accounts }) => {
      await accounts.addUser("bob", {}, never());
      const bob = await accounts.user("bob", never());
      assert.ok(bob !== undefined && bob.uid >= 1000);
      assert.equal(bob.home, "/home/bob");
      assert.equal((await accounts.groupWithId(bob.gid, never()))?.name, "bob");
      await accounts.addGroup("cyd", { gid: 4100 }, never());
      await accounts.addUser("cyd", {}, never());
      assert.equal((await accounts.user("cyd", never()))?.gid, 4100);
      await accounts.addUser("daemon-x", { system: true }, never());
      const daemon = await accounts.user("daemon-x", never());
      assert.ok(daemon !== undefined && daemon.uid < 1000);
    });

    check("each attribute can be changed by itself", async ({ accounts }) => {
      await accounts.addGroup("one", { gid: 4201 }, never());
      await accounts.addGroup("two", { gid: 4202 }, never());
      await accounts.addUser("eve", { uid: 5200, groups: ["one"], home: "/srv/e", shell: "/bin/sh" }, never());
      const expectAfter = async (change: Parameters<typeof accounts.changeUser>[1], expected: object) => {
        const before = await accounts.user("eve", never());
        await accounts.changeUser("eve", change, never());
        assert.deepEqual(await accounts.user("eve", never()), { ...before, ...expected });
      };
      await expectAfter({ uid: 5201 }, { uid: 5201 });
      await expectAfter({ group: "two" }, { gid: 4202 });
      await expectAfter({ group: 4201 }, { gid: 4201 });
      await expectAfter({ groups: ["two"] }, { groups: ["two"] });
      await expectAfter({ groups: [] }, { groups: [] });
      await expectAfter({ comment: "Eve" }, { comment: "Eve" });
      await expectAfter({ comment: "" }, { comment: "" });
      await expectAfter({ home: "/srv/eve" }, { home: "/srv/eve" });
      await expectAfter({ shell: "/bin/false" }, { shell: "/bin/false" });
      await accounts.setPasswordHash("eve", "$6$salt$hash", never());
      assert.equal(await accounts.passwordHash("eve", never()), "$6$salt$hash");
      assert.equal(await accounts.passwordHash("nobody-there", never()), undefined);
    });

    check("what is taken or missing is told in the same words", async ({ accounts }) => {
      await accounts.addUser("fay", { uid: 5300 }, never());
      await accounts.addGroup("grp", { gid: 4300 }, never());
      await fails("exists", accounts.addUser("fay", {}, never()), "a user fay");
      await fails("conflict", accounts.addUser("gus", { uid: 5300 }, never()), "number 5300 belongs to fay");
      await fails("not-found", accounts.addUser("gus", { group: "no-such" }, never()), "no group no-such");
      await fails("not-found", accounts.addUser("gus", { groups: ["no-such"] }, never()), "no group no-such");
      await fails("not-found", accounts.changeUser("gus", { shell: "/bin/sh" }, never()), "no user gus");
      await fails("not-found", accounts.setPasswordHash("gus", "!", never()), "no user gus");
      await fails("not-found", accounts.removeUser("gus", never()), "no user gus");
      await fails("exists", accounts.addGroup("grp", {}, never()), "a group grp");
      await fails("conflict", accounts.addGroup("grp2", { gid: 4300 }, never()), "number 4300 belongs to grp");
      await fails("not-found", accounts.changeGroup("grp2", { gid: 1 }, never()), "no group grp2");
      await fails("not-found", accounts.removeGroup("grp2", never()), "no group grp2");
      await fails("conflict", accounts.removeGroup("fay", never()), "primary group of fay");
      await accounts.addUser("gus", { uid: 5300, allowDuplicateId: true }, never());
      assert.equal((await accounts.userWithId(5300, never()))?.name, "fay");
      assert.equal(await accounts.user("no-such", never()), undefined);
      assert.equal(await accounts.group("no-such", never()), undefined);
    });

    check("a user goes with its own group, unless somebody else is in that", async ({ accounts }) => {
      await accounts.addGroup("club", { gid: 4400 }, never());
      await accounts.addUser("hal", { groups: ["club"] }, never());
      await accounts.addUser("ida", {}, never());
      await accounts.addUser("jim", { group: "ida" }, never());
      await accounts.removeUser("hal", never());
      assert.equal(await accounts.user("hal", never()), undefined);
      assert.equal(await accounts.group("hal", never()), undefined);
      assert.deepEqual((await accounts.group("club", never()))?.members, []);
      await accounts.removeUser("ida", never());
      assert.equal((await accounts.group("ida", never()))?.name, "ida");
      await accounts.removeUser("jim", never());
    });

    check("a group keeps those whose primary group it is when its number changes", async ({ accounts }) => {
      await accounts.addGroup("moved", { gid: 4500 }, never());
      await accounts.addUser("kim", { group: "moved" }, never());
      await accounts.changeGroup("moved", { gid: 4501 }, never());
      assert.equal((await accounts.user("kim", never()))?.gid, 4501);
      await accounts.removeUser("kim", never());
      await accounts.removeGroup("moved", never());
      assert.equal(await accounts.group("moved", never()), undefined);
    });

    check("changes by whomever are told", async ({ accounts }) => {
      const stopping = new AbortController();
      const changes = accounts.changes(stopping.signal);
      await changes.next();
      await accounts.addUser("lea", {}, never());
      assert.equal((await changes.next()).done, false);
      stopping.abort();
    });
  });
}
