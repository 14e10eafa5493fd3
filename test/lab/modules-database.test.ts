// SPDX-License-Identifier: Apache-2.0
// The module for a database server, by its example, from an empty machine: it answers, a second run has nothing to do, what
// others change is repaired, a mistake in a setting does not take it down, and no password is told.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { comesToGoodEnd, run, until, withoutRecommended } from "./inside.ts";
import { LabProgram } from "./program.ts";

before(withoutRecommended);

const sql = (text: string) => run("runuser", "-u", "postgres", "--", "psql", "-Atc", text);
const password = () => readFileSync("/etc/shop/database-password", "utf8");
const asUser = (text: string) =>
  run("env", `PGPASSWORD=${password()}`, "psql", "-wAt", "-h", "localhost", "-U", "shop", "-c", text, "shop");
const canBeUsed = () => comesToGoodEnd(() => asUser("SELECT 1"));

test("a database with a user, a password and a dump", async () => {
  const program = new LabProgram("database-server");
  await program.once();
  assert.equal(await sql("SHOW max_connections"), "50");
  await asUser("CREATE TABLE goods (name text)");
  await asUser("INSERT INTO goods VALUES ('tea')");
  assert.equal(await asUser("SELECT name FROM goods"), "tea");
  await run("systemctl", "start", "postgresql-dump-shop");
  const [dump = ""] = (await run("sh", "-c", "ls /var/backups/postgresql/*.dump")).split("\n");
  assert.match(await run("pg_restore", "--file=-", dump), /tea/);
  assert.match(await run("systemctl", "list-timers", "--all"), /03:30:00.*postgresql-dump-shop\.timer/);
  await program.isSettled();
  // The server tells nobody that these have changed, so it is asked.
  program.edit("struct{\n", "struct{\n\tpoll => 1,\n");
  await program.whileRunning(async () => {
    await sql("ALTER ROLE shop PASSWORD 'another'");
    await until("the password is the one of the file", canBeUsed, 60_000);
    await sql("DROP DATABASE shop");
    await until("the database is back", canBeUsed, 60_000);
    // It may be started before it has stopped, which the one who stops it is told.
    await comesToGoodEnd(() => run("systemctl", "stop", "postgresql@15-main"));
    await until("it runs again", canBeUsed, 60_000);
    await program.says(/was not accepted.*invalid value for parameter.*max_connections.*many/, () =>
      program.edit('"50"', '"many"'),
    );
    // What was stopped above may end only now.
    await until("it goes on with the former setting", canBeUsed, 60_000);
    program.edit('"many"', '"60"');
    const isSixty = async () => (await sql("SHOW max_connections")) === "60";
    await until("it has started with the new setting", () => isSixty().catch(() => false), 60_000);
  });
  await program.isSettled();
  assert.doesNotMatch(program.output, new RegExp(password()));
});
