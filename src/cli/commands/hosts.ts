// SPDX-License-Identifier: Apache-2.0
// All hosts together: what they run, and who they are.

import type { CommandSpec } from "../command.ts";
import { askedPrefix, automaticOptions, moduleOptions, path, seeds, sshOptions } from "./shared-options.ts";

export const hostsCommands: readonly CommandSpec[] = [
  {
    name: "deploy",
    aliases: ["d"],
    summary: "Give a program to all hosts that share a store.",
    doc: "Every host that runs `mgmt run empty` takes it up. What is deployed is a commit: the working directory must be a git repository in which everything is committed, and the commit must follow the one that was deployed last. Without --seeds it goes to the store of the run that has the state directory, also to that of a host which shares it with nobody.",
    arguments: [
      {
        syntax: "[path...]",
        doc: `${path.doc} Or a graph in a .yaml file. Or the word empty: the hosts are to do nothing.`,
      },
    ],
    options: [
      seeds,
      ...sshOptions,
      askedPrefix,
      { flags: "--plan", doc: "Deploy nothing: ask every host what it would do, and print that." },
      {
        flags: "--timeout <seconds>",
        doc: "With --plan: how long to wait for the hosts.",
        wholeNumberFrom: 1,
        default: 60,
      },
      { flags: "--history", doc: "List what was deployed, the newest first, and where it runs." },
      { flags: "--rollback [id]", doc: "Deploy a former program again; without an id, that before the newest." },
      { flags: "--stop", doc: "Stop the rollout that is under way; the hosts that have it go back." },
      { flags: "--no-git", doc: "Deploy files that no commit has." },
      { flags: "--force", doc: "Whatever was deployed before, this commit need not follow it." },
      { flags: "--sign <file>", doc: "Sign with this Ed25519 private key, for hosts that take nothing unsigned." },
      { flags: "--noop", doc: "The hosts say what would change, and change nothing." },
      { flags: "--sema <number>", doc: "Let at most so many resources of a host work at once.", wholeNumberFrom: 1 },
      ...automaticOptions,
      {
        flags: "--canary <hosts>",
        doc: "These hosts first, by their names, in which * stands for anything; several are separated by commas.",
      },
      {
        flags: "--waves <list>",
        doc: "Then so many hosts or shares of them, one after the other, and in the end all: 1,10%,50%.",
      },
      { flags: "--splay <seconds>", doc: "Each host of a wave waits for a part of this.", wholeNumberFrom: 0 },
      {
        flags: "--soak <seconds>",
        doc: "How long all hosts of a wave must be well before the next one begins.",
        wholeNumberFrom: 0,
        default: 10,
      },
      {
        flags: "--patience <seconds>",
        doc: "A wave that is not well by then stops the rollout, and the hosts go back.",
        wholeNumberFrom: 1,
        default: 600,
      },
      {
        flags: "--may-fail <number>",
        doc: "So many hosts may refuse it or be unwell before the rollout stops.",
        wholeNumberFrom: 0,
        default: 0,
      },
      {
        flags: "--health <expression>",
        doc: "A host is well when all is as declared there and this expression of the language is true.",
      },
      { flags: "--follow", doc: "Without waves: wait until every host has it." },
      { flags: "--detach", doc: "With waves: do not wait for their end; the hosts go on by themselves." },
      { flags: "--keep <number>", doc: "How many deploys the store keeps.", wholeNumberFrom: 2, default: 20 },
      ...moduleOptions,
      { flags: "--json", doc: "Print one line of JSON for each thing that is told." },
    ],
    examples: [
      { line: "mgmt deploy --seeds=file:/srv/mgmt/cluster.db site/", doc: "To all hosts, at once." },
      {
        line: "mgmt deploy site/",
        doc: "To those who share the store of the mgmt that runs here; or to this host alone.",
      },
      { line: "mgmt deploy --plan site/", doc: "What would every host do?" },
      { line: "mgmt deploy --canary='test*' --waves=10%,50% site/", doc: "Step by step; it stops by itself." },
      { line: "mgmt deploy --rollback", doc: "Back to what was there before." },
    ],
    json: {
      doc: "One line for each. `type` is `deployed`, `progress`, `plan` or `deploy`; times are milliseconds since 1970.",
      example:
        '{"version":1,"type":"deployed","id":7,"bundle":"9f86d081…","frontend":"mcl","name":"site/","settings":{"noop":false,"autoedges":true,"autogroups":true},"atMs":1795211000000,"by":"root@laptop","commit":"1f6d0c7a…"}',
    },
    load: () => import("../deploy.ts"),
  },
  {
    name: "cluster",
    summary: "Look after the hosts that share a store: who is there, who may come, and how many keep the store.",
    doc: "`invite` prints what lets one more host in; `members` lists the hosts that are alive; `servers` says how those are that keep the store (exit status 0: all are well, 1: not all, 3: nothing can be done; a store in a file has none), and who shares it; `size` says or sets how many keep the store (0, with --allow-size-shutdown, ends it; the host that has kept it last begins it again, as it was, when its run does); `remove HOST` (or `revoke`) takes a host out that has gone or is not to be trusted any more; `key FILE` makes a key for signing deploys and prints its public half; `rotate` goes one step towards another authority; `kv` shows and changes the texts that programs share.\n\n`kv get KEY`, `kv put KEY VALUE`, `kv delete KEY`, `kv list` and `kv watch` are about the texts that `kv`, `world.getval` and `world.kvlookup` know, by the same keys, and by --host the one that a host has for itself. `list` and `watch` take how keys begin; `watch` tells what is there and then each change, until it is stopped. A VALUE of `-` is read from standard input. What a running program declares stays as it says: it puts that back. Our own bookkeeping and what hosts export are not shown, unless --raw asks for it: then keys and values are as in the store, to be looked at only. The exit status of `get` is 1 when there is no such text. The store of a host that shares it with nobody is found by its state directory, and is shown and changed in the same way, whether mgmt runs there or not; watch needs a run. The root user and whoever runs mgmt can do this.",
    arguments: [
      {
        syntax: "[word]",
        doc: "One of invite, members, servers, size, remove, key, rotate, kv; without any, servers.",
        words: ["invite", "members", "servers", "size", "remove", "key", "rotate", "kv"],
      },
      {
        syntax: "[argument...]",
        doc: "Of size: how many hosts. Of remove: the name of a host. Of key: the file of the new key. Of kv: get KEY, put KEY VALUE, delete KEY, list [BEGIN] or watch [BEGIN].",
        wordsAfter: { kv: ["get", "put", "delete", "list", "watch"] },
      },
    ],
    options: [
      seeds,
      ...sshOptions,
      askedPrefix,
      { flags: "--name <name>", doc: "With invite: only for the host of this name, which may have been there before." },
      { flags: "--address <host>", doc: "With invite: where this host is found, with a port if it is not 2381." },
      {
        flags: "--valid <minutes>",
        doc: "With invite: how long it can be used.",
        wholeNumberFrom: 1,
        default: 60,
      },
      { flags: "--allow-size-shutdown", doc: "With size 0: no host is to keep the store, which ends." },
      { flags: "--finish", doc: "With rotate: believe the former authority no more." },
      { flags: "--host <name>", doc: "With kv: the text that this host has for itself, and not that of all hosts." },
      { flags: "--raw", doc: "With kv get, list and watch: keys and values as the store has them, all of them." },
      { flags: "--json", doc: "With members, servers and kv: as one line of JSON, with kv watch one for each change." },
    ],
    examples: [
      { line: "mgmt cluster invite --name=web2", doc: "On the first host; then mgmt run --join=… on web2." },
      { line: "mgmt cluster size 3", doc: "Three hosts are to keep the store from now on." },
      { line: "mgmt cluster key deploy.pem > deploy-keys.pem", doc: "For mgmt deploy --sign=deploy.pem." },
      { line: "mgmt cluster kv put address 192.0.2.7", doc: "Every program that reads it follows." },
      { line: "mgmt cluster kv watch --json", doc: "All texts that programs share, and each change." },
    ],
    load: () => import("../cluster.ts"),
  },
];
