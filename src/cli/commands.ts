// SPDX-License-Identifier: Apache-2.0
// The one table of commands: parsing, help and completion come from it. The code of a command is loaded when it is run.

import type { CommandSpec, OptionSpec } from "./command.ts";

const path = {
  syntax: "<path...>",
  doc: "A directory with a main.mcl or a metadata.yaml, an .mcl file, - for standard input, or mcl code in quotes.",
};

/** Which run is asked. */
const askedPrefix: OptionSpec = {
  flags: "--prefix <directory>",
  doc: "The state directory of the run (also MGMT_PREFIX), if it has one of its own.",
};

/** How a program finds modules of others. */
const moduleOptions: readonly OptionSpec[] = [
  {
    flags: "--module-path <directory>",
    doc: "Where modules of others are kept (also MGMT_MODULE_PATH); if absent, modules/ beside the program.",
  },
  { flags: "--download", doc: "Fetch the modules that are missing, with git, and write mgmt.lock." },
  { flags: "--only-download", doc: "With --download: end when everything has been fetched." },
  { flags: "--update", doc: "With --download: fetch the newest of each module instead of what mgmt.lock says." },
];

const seeds: OptionSpec = {
  flags: "--seeds <urls>",
  doc: "Use the store of other hosts: where one or more of its servers are (also MGMT_SEEDS); or file:/PATH, a file that several mgmt of this machine share.",
  many: true,
};

/** Where a store for other hosts is kept. */
const storeOptions: readonly OptionSpec[] = [
  seeds,
  {
    flags: "--client-urls <urls>",
    doc: "Keep a store for other hosts and listen for them here; if only others are given, http://127.0.0.1:2379.",
    many: true,
  },
  {
    flags: "--server-urls <urls>",
    doc: "The same, and listen here for other servers of the store; else http://127.0.0.1:2380.",
    many: true,
  },
  { flags: "--advertise-client-urls <urls>", doc: "Where other hosts find it, if not where it listens.", many: true },
  { flags: "--advertise-server-urls <urls>", doc: "Where its servers find it, if not where it listens.", many: true },
  { flags: "--no-network", doc: "Keep a store for other runs on this machine only, on sockets." },
];

/** How the first articles and older versions of the original spell it. */
const formerRunOptions: readonly OptionSpec[] = [
  { flags: "-f, --file <path>", doc: "The same as a path.", hidden: true },
  { flags: "--yaml <path>", doc: "The same as a path.", hidden: true },
  { flags: "--lang <path>", doc: "The same as a path.", hidden: true },
  { flags: "-s, --seed <urls>", doc: "The same as --seeds.", many: true, hidden: true },
  { flags: "--peer-urls <urls>", doc: "The same as --server-urls.", many: true, hidden: true },
  { flags: "--advertise-peer-urls <urls>", doc: "The same as --advertise-server-urls.", many: true, hidden: true },
  { flags: "-t <seconds>", doc: "The same as --converged-timeout.", wholeNumberFrom: 0, hidden: true },
  { flags: "--prometheus", doc: "The same as --metrics=127.0.0.1:9233.", hidden: true },
  { flags: "--prometheus-listen <address>", doc: "The same as --metrics.", hidden: true },
  { flags: "-g <file>", doc: "The same as --graphviz.", hidden: true },
  {
    flags: "--converger-timeout <seconds>",
    doc: "With --converged-exit: --converged-timeout.",
    wholeNumberFrom: 0,
    hidden: true,
  },
  { flags: "--converged-exit", doc: "End when converged, after --converger-timeout.", hidden: true },
  // What they ask for is how it is, or has no meaning here.
  { flags: "--no-pgp", doc: "There are no such keys.", hidden: true },
  { flags: "--no-stream-watch", doc: "It did nothing.", hidden: true },
  { flags: "--no-raise-limits", doc: "No limit is raised.", hidden: true },
  { flags: "--unify-name <name>", doc: "There is one way to find types.", hidden: true },
  { flags: "--unify-optimizations <words>", doc: "The same.", hidden: true },
];

/** Of the original's `check`: what they choose is not left to choose here. */
const formerCheckOptions: readonly OptionSpec[] = [
  { flags: "--skip-fmt", doc: "`mgmt fmt --test` looks at the form.", hidden: true },
  { flags: "--skip-unify", doc: "Types are checked all the same.", hidden: true },
  { flags: "--unify-name <name>", doc: "There is one way to find types.", hidden: true },
  { flags: "--unify-optimizations <words>", doc: "The same.", hidden: true },
  { flags: "--depth <number>", doc: "How deep modules import each other does not matter.", hidden: true },
  { flags: "--retry <number>", doc: "Fetching goes on where it broke off.", hidden: true },
  { flags: "--tmp-prefix", doc: "Nothing is kept.", hidden: true },
];

export const commands: readonly CommandSpec[] = [
  {
    name: "run",
    aliases: ["r"],
    summary: "Make this machine be what a program says, and keep it so.",
    doc: "Runs until it is stopped (Ctrl-C), or, with --once or --converged-timeout, until everything is as declared.",
    arguments: [
      {
        syntax: "[path...]",
        doc: `${path.doc} Or a graph in a .yaml file. Or the word empty: what \`mgmt deploy\` gives to the hosts.`,
      },
    ],
    options: [
      { flags: "--once", doc: "End as soon as everything is as declared; the same as --converged-timeout=0." },
      {
        flags: "--converged-timeout <seconds>",
        doc: "End when everything has been as declared for this long.",
        wholeNumberFrom: 0,
      },
      {
        flags: "--converged-scope <scope>",
        doc: "Whose rest ends the run: that of this host, or of all hosts that share the store and are alive.",
        choices: ["host", "cluster"],
        default: "host",
      },
      {
        flags: "--reverse-on-exit",
        doc: "At the end, undo what has `Meta:reverse`; without it that happens when it leaves the program.",
      },
      { flags: "--noop", doc: "Say what would change, change nothing." },
      { flags: "--plan <file>", doc: "Do what this plan of `mgmt plan` says, or stop and say what has moved since." },
      { flags: "--sema <number>", doc: "Let at most so many resources work at once.", wholeNumberFrom: 1 },
      { flags: "--no-autoedges", doc: "Add no automatic edges." },
      { flags: "--no-autogroup", doc: "Let every resource run by itself." },
      {
        flags: "--max-runtime <seconds>",
        doc: "Stop after this long, converged or not (exit status 1).",
        wholeNumberFrom: 1,
      },
      { flags: "--report <file>", doc: "At the end, write one line of JSON for each resource to this file." },
      { flags: "--graphviz <file>", doc: "Write the resource graph to this file, in DOT, whenever it changes." },
      { flags: "--hostname <name>", doc: "Call this host so, instead of by the machine's own name." },
      { flags: "--prefix <directory>", doc: "Keep the state of this program here." },
      { flags: "--tmp-prefix", doc: "Keep the state in a new temporary directory." },
      ...storeOptions,
      {
        flags: "--join <invitation>",
        doc: "Come into a cluster with what `mgmt cluster invite` has printed there; of no effect once this host is in it.",
      },
      {
        flags: "--accept-joins <address>",
        doc: "Let hosts with an invitation in at this address and port, for example 0.0.0.0:2381; on the host where the cluster began.",
      },
      { flags: "--wait", doc: "With empty: run nothing before the next deploy." },
      {
        flags: "--deploy-keys <file>",
        doc: "With empty: take only deploys that are signed by one of these public keys; if absent, deploy-keys.pem in the state directory, if it is there.",
      },
      {
        flags: "--journal-days <days>",
        doc: "How long the journal of the state directory keeps what happened.",
        wholeNumberFrom: 1,
        default: 30,
      },
      { flags: "--journal-size <mebibytes>", doc: "How large it may become.", wholeNumberFrom: 1, default: 64 },
      {
        flags: "--metrics <address>",
        doc: "Serve figures for Prometheus at http://ADDRESS/metrics, for example --metrics=127.0.0.1:9233.",
      },
      ...moduleOptions,
      { flags: "--no-watch", doc: "Go on with the program as it was read, even when its files are edited." },
      { flags: "-v, --verbose", doc: "Also say what was looked at and found in order." },
      { flags: "-q, --quiet", doc: "Do not say what was changed, only what has failed." },
      { flags: "--json", doc: "Print every event as one line of JSON." },
      ...formerRunOptions,
    ],
    examples: [
      { line: "mgmt run examples/quick-start", doc: "Keep it true until Ctrl-C." },
      {
        line: "mgmt run --once site.mcl",
        doc: "Make it true and end: for cron, where it is silent when nothing had to change.",
      },
      { line: "mgmt run --once --noop site.mcl", doc: "Only say what would change." },
    ],
    json: {
      doc: "One line for each event, as it happens. Its `type` says what it is; places are `file:line:column`, integers of the language are texts.",
      example:
        '{"version":1,"type":"step-applied","resource":"file[/tmp/hello]","cause":{"kind":"start"},"step":{"mark":"+","text":"create with 12 bytes"},"at":"main.mcl:3:1","ms":1.2}',
    },
    load: () => import("./run.ts"),
  },
  {
    name: "plan",
    summary: "Say what would change on this machine, and change nothing.",
    doc: "Exit status 0: nothing to do, 1: something is wrong, 2: there are changes.",
    arguments: [{ syntax: "[path...]", doc: `${path.doc} Or a graph in a .yaml file.` }],
    options: [
      { flags: "--out <file>", doc: "Keep the plan in this file, for `mgmt run --plan`." },
      { flags: "--timeout <seconds>", doc: "How long observing may take.", wholeNumberFrom: 1, default: 60 },
      { flags: "--hostname <name>", doc: "Call this host so, instead of by the machine's own name." },
      { flags: "--prefix <directory>", doc: "Where this program keeps its state." },
      { flags: "--tmp-prefix", doc: "As if it had no state yet." },
      seeds,
      ...moduleOptions,
      { flags: "--json", doc: "Print one line of JSON for each resource, and one for the whole." },
    ],
    examples: [
      { line: "mgmt plan site.mcl", doc: "Look before you leap." },
      { line: "mgmt plan --out=site.plan site.mcl", doc: "Then `mgmt run --plan=site.plan` does just that." },
    ],
    load: () => import("./plan.ts"),
  },
  {
    name: "deploy",
    aliases: ["d"],
    summary: "Give a program to all hosts that share a store.",
    doc: "Every host that runs `mgmt run empty` takes it up. What is deployed is a commit: the working directory must be a git repository in which everything is committed, and the commit must follow the one that was deployed last.",
    arguments: [
      {
        syntax: "[path...]",
        doc: `${path.doc} Or a graph in a .yaml file. Or the word empty: the hosts are to do nothing.`,
      },
    ],
    options: [
      seeds,
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
      { flags: "--no-autoedges", doc: "Add no automatic edges." },
      { flags: "--no-autogroup", doc: "Let every resource run by itself." },
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
      { line: "mgmt deploy --plan site/", doc: "What would every host do?" },
      { line: "mgmt deploy --canary='test*' --waves=10%,50% site/", doc: "Step by step; it stops by itself." },
      { line: "mgmt deploy --rollback", doc: "Back to what was there before." },
    ],
    json: {
      doc: "One line for each. `type` is `deployed`, `progress`, `plan` or `deploy`; times are milliseconds since 1970.",
      example:
        '{"version":1,"type":"deployed","id":7,"bundle":"9f86d081…","frontend":"mcl","name":"site/","settings":{"noop":false,"autoedges":true,"autogroups":true},"atMs":1795211000000,"by":"root@laptop","commit":"1f6d0c7a…"}',
    },
    load: () => import("./deploy.ts"),
  },
  {
    name: "cluster",
    summary: "Look after the hosts that share a store: who is there, who may come, and how many keep the store.",
    doc: "`invite` prints what lets one more host in; `members` lists the hosts that are alive; `servers` says how those are that keep the store (exit status 0: all are well, 1: not all, 3: nothing can be done); `size` says or sets how many keep the store; `key FILE` makes a key for signing deploys and prints its public half; `rotate` goes one step towards another authority.",
    arguments: [
      { syntax: "<word>", doc: "One of invite, members, servers, size, key, rotate." },
      { syntax: "[argument]", doc: "Of size: how many hosts. Of key: the file of the new key." },
    ],
    options: [
      seeds,
      askedPrefix,
      { flags: "--name <name>", doc: "With invite: only for the host of this name, which may have been there before." },
      { flags: "--address <host>", doc: "With invite: where this host is found, with a port if it is not 2381." },
      {
        flags: "--valid <minutes>",
        doc: "With invite: how long it can be used.",
        wholeNumberFrom: 1,
        default: 60,
      },
      { flags: "--finish", doc: "With rotate: believe the former authority no more." },
      { flags: "--json", doc: "With members and servers: as one line of JSON." },
    ],
    examples: [
      { line: "mgmt cluster invite --name=web2", doc: "On the first host; then mgmt run --join=… on web2." },
      { line: "mgmt cluster size 3", doc: "Three hosts are to keep the store from now on." },
      { line: "mgmt cluster key deploy.pem > deploy-keys.pem", doc: "For mgmt deploy --sign=deploy.pem." },
    ],
    load: () => import("./cluster.ts"),
  },
  {
    name: "status",
    summary: "Say what the mgmt that runs here is doing.",
    doc: "Exit status 0: it runs, 1: it does not; then its journal tells how it ended.",
    arguments: [],
    options: [askedPrefix, { flags: "--json", doc: "As one line of JSON." }],
    examples: [{ line: "mgmt status", doc: "What runs, since when, and what has failed." }],
    json: {
      doc: "One line. Times are milliseconds since 1970. `states` counts the resources by state; `ending` is there when the run is over.",
      example:
        '{"version":1,"isRunning":true,"nowMs":1795211000000,"program":"site.mcl","hostname":"web1","processId":4711,"noop":false,"startedMs":1795210000000,"lastMs":1795210000100,"isConverged":true,"states":{"settled":12},"failed":[],"blocked":[]}',
    },
    load: () => import("./status.ts"),
  },
  {
    name: "events",
    summary: "Say what happened: steps, failures, edits of the program.",
    doc: "Asks the mgmt that runs here, or reads the journal that one has left. Exit status 1: there is neither.",
    arguments: [{ syntax: "[resource]", doc: "Only what concerns this one, as kind[name]." }],
    options: [
      { flags: "--since <span>", doc: "Not what is older than 30s, 5m, 1h, 2d." },
      { flags: "--follow", doc: "Go on with what happens from now on, until Ctrl-C or the end of the run." },
      askedPrefix,
      { flags: "--json", doc: "Print one line of JSON for each." },
    ],
    examples: [
      { line: "mgmt events --since=1h", doc: "The last hour." },
      { line: "mgmt events --follow 'file[/etc/motd]'", doc: "Every change of a file, as it happens." },
    ],
    json: {
      doc: "One line for each. Its `type` says what it is; `cause` says what made the resource be looked at.",
      example:
        '{"version":1,"id":7,"time":"2026-11-20T12:03:05.120Z","type":"applied","resource":"file[/etc/motd]","cause":{"kind":"watch"},"step":{"mark":"~","text":"write 12 bytes (was 6)"},"at":"site.mcl:3:1","ms":0.8}',
    },
    load: () => import("./events.ts"),
  },
  {
    name: "why",
    summary: "Say what made a resource be as it is, or what stands in its way.",
    doc: "Asks the mgmt that runs here, or reads the journal that one has left. Exit status 1: nothing is known of it.",
    arguments: [
      { syntax: "<resource...>", doc: "A resource as kind[name]; after the word `not`: what stands in its way." },
    ],
    options: [askedPrefix, { flags: "--json", doc: "As one line of JSON." }],
    examples: [
      { line: "mgmt why 'file[/etc/motd]'", doc: "What changed it last, when, and what set that off." },
      { line: "mgmt why not 'exec[reload]'", doc: "What it waits for, and why that has failed." },
    ],
    json: {
      doc: "One line. Times are milliseconds since 1970. `entries` are what the journal has of it, oldest first; `chain` are the last steps of those that set off its own.",
      example:
        '{"version":1,"resource":"file[/etc/motd]","isRunning":true,"nowMs":1795211000000,"entries":[],"chain":[],"state":"settled","isDeclared":true,"at":"site.mcl:3:1","sinceMs":1795210000000,"observedMs":1795210000000}',
    },
    load: () => import("./why.ts"),
  },
  {
    name: "check",
    summary: "Say whether programs are right, without running them.",
    doc: "Parses, resolves and type-checks each program and prints every problem found.",
    arguments: [path],
    options: [
      ...moduleOptions,
      { flags: "--hostname <name>", doc: "Call this host so, instead of by the machine's own name." },
      { flags: "--json", doc: "Print one line of JSON for each path." },
      ...formerCheckOptions,
    ],
    examples: [{ line: "mgmt check site.mcl", doc: "Silent and status 0 when all is well." }],
    json: {
      doc: "One line for each path. `phase` names where the program was rejected, and is absent when it was not; `hint` is absent when there is none.",
      example:
        '{"version":1,"path":"site.mcl","ok":false,"phase":"scope","problems":[{"code":"unknown-variable","message":"There is no variable `$x` here","file":"site.mcl","line":1,"column":6}],"vertices":[],"edges":[]}',
    },
    load: () => import("./check.ts"),
  },
  {
    name: "graph",
    summary: "Print the resources and edges that programs come to.",
    doc: "Runs the functions of each program, but no resource, until their values have come to rest.",
    arguments: [path],
    options: [
      { flags: "--format <format>", doc: "How to print it.", choices: ["text", "dot", "svg"], default: "text" },
      {
        flags: "--functions",
        doc: "Print the graph of functions with their present values instead of the resources, in DOT if not in SVG.",
      },
      {
        flags: "--timeout <seconds>",
        doc: "How long values may take to come to rest, and twice as long to be there at first.",
        wholeNumberFrom: 1,
        default: 5,
      },
      ...moduleOptions,
      { flags: "--no-auto", doc: "Leave the automatic edges out." },
      { flags: "--grouped", doc: "Put resources that run as one into one vertex." },
      { flags: "--hostname <name>", doc: "Call this host so, instead of by the machine's own name." },
      { flags: "--json", doc: "Print one line of JSON for each path." },
    ],
    examples: [
      { line: "mgmt graph --format=svg site.mcl > site.svg", doc: "Draw it." },
      { line: "mgmt graph --functions --format=svg site.mcl > functions.svg", doc: "Draw how its values flow." },
    ],
    json: {
      doc: "One line for each path. `phase` names where the program was rejected, and is absent when it was not; `hint` is absent when there is none. `vertices` are the resources, `edges` are pairs of them, the first one first; both are sorted.",
      example:
        '{"version":1,"path":"site.mcl","ok":true,"problems":[],"vertices":["file[/a/]","file[/a/b]"],"edges":[["file[/a/]","file[/a/b]"]]}',
    },
    load: () => import("./graph.ts"),
  },
  {
    name: "fmt",
    summary: "Write programs in their standard form.",
    doc: "Rewrites .mcl files in place, below directories all of them; standard input is written to standard output.",
    arguments: [{ syntax: "[path...]", doc: "Files or directories; without any, the current directory." }],
    options: [
      {
        flags: "-t, --test",
        doc: "Change nothing; name the files that would change, and end with status 1 if any would.",
      },
      { flags: "-v, --verbose", doc: "Name every file that is rewritten." },
      { flags: "--json", doc: "Print one line of JSON for each file." },
    ],
    examples: [{ line: "mgmt fmt --test .", doc: "For a commit hook." }],
    json: {
      doc: "One line for each file. `changed` tells whether its text was not in the standard form.",
      example: '{"version":1,"path":"site.mcl","ok":true,"changed":false,"problems":[]}',
    },
    load: () => import("./fmt.ts"),
  },
  {
    name: "provisioner",
    summary: "Install machines that boot from the network, and send them on their way.",
    doc: "Serves DHCP, TFTP, HTTP and a cache of packages on one network interface, until Ctrl-C. Each machine that is named is installed once: what it has told is kept, and a machine that is done boots from its disk from then on. Machines that nobody named are left alone.",
    arguments: [
      { syntax: "[try]", doc: "With the word `try`: installs into a virtual machine (QEMU) on a network of its own." },
    ],
    options: [
      { flags: "--mac <address>", doc: "The machine to install, by its hardware address." },
      { flags: "--machines <file>", doc: "Several machines, in a list in YAML or CSV." },
      { flags: "--any", doc: "The next machine that boots, whichever it is." },
      {
        flags: "--arm <text>",
        doc: "Install machines again that are done: with a text that they have not had before.",
      },
      { flags: "--interface <name>", doc: "Where the machines are; if absent, the only wired interface." },
      {
        flags: "--network <network>",
        doc: "Addresses to give; empty: another server does that.",
        default: "192.168.42.0/24",
      },
      { flags: "--router <address>", doc: "The own address in it.", default: "192.168.42.1/24" },
      { flags: "--dns <address>", doc: "A name server for the machines; may be repeated.", many: true },
      { flags: "--ip <address>", doc: "The address of the machine.", default: "192.168.42.13/24" },
      { flags: "--distro <name>", doc: "What to install: fedora, debian or ubuntu.", default: "fedora" },
      { flags: "--dversion <version>", doc: "Its version; if absent, the newest." },
      { flags: "--arch <name>", doc: "The architecture of the machines.", default: "x86_64" },
      {
        flags: "--flavour <name>",
        doc: "Workstation or Server; if absent, Workstation for Fedora and Server for others.",
      },
      {
        flags: "--mirror <url>",
        doc: "Where it is fetched from; if absent, where this machine has its packages from.",
      },
      { flags: "--rsync <url>", doc: "Accepted, and without effect.", hidden: true },
      { flags: "--bios", doc: "What a machine is that does not tell: BIOS instead of UEFI." },
      {
        flags: "--part <layout>",
        doc: "The layout of the disk.",
        choices: ["plain", "lvm", "btrfs"],
        default: "plain",
      },
      { flags: "--luks", doc: "Encrypt the disk; what Fedora does unless --no-luks is said." },
      { flags: "--no-luks", doc: "Do not encrypt the disk." },
      { flags: "--packages <names>", doc: "More packages, parted by commas; may be repeated.", many: true },
      {
        flags: "--password <->",
        doc: "With -: the hash of root's password is on standard input. If absent, a person is asked.",
      },
      {
        flags: "--disk <which>",
        doc: "The disk: /dev/…, first, smallest, largest, or a part of its serial number, WWN or model.",
      },
      { flags: "--sshkey <key>", doc: "Who may log in as root: a line as in authorized_keys." },
      { flags: "--serial <name>", doc: "A serial console, for example ttyS0." },
      { flags: "--args <text>", doc: "More for the kernel of the installer." },
      { flags: "--handoff-code <path>", doc: "A program that the machine goes on with." },
      { flags: "--handoff-module-path <directory>", doc: "Where the modules of that program are kept." },
      { flags: "--handoff-exec <command>", doc: "A command for its first start." },
      { flags: "--handoff-hostname <name>", doc: "The name of the machine." },
      { flags: "--bmc-uri <uri>", doc: "The controller that switches it on, driver://user:password@host:port." },
      { flags: "--no-firewalld", doc: "Leave firewalld as it is." },
      { flags: "--prefix <directory>", doc: "What is fetched is kept here, and may be removed at any time." },
      {
        flags: "--state <directory>",
        doc: "What is known of machines is kept here; if absent, in the state directory of mgmt.",
      },
      { flags: "--once", doc: "End when every machine is done or has failed." },
      { flags: "--uefi", doc: "With try: a machine with UEFI instead of BIOS." },
      { flags: "--memory <mebibytes>", doc: "With try: its memory.", wholeNumberFrom: 256, default: 2048 },
      { flags: "--disk-size <size>", doc: "With try: the size of its disk.", default: "10G" },
      { flags: "--check", doc: "Only say whether all of this is right." },
      { flags: "--dry-run", doc: "Say what would be served, and serve nothing." },
      { flags: "-v, --verbose", doc: "Say everything that happens instead of a table." },
      { flags: "--json", doc: "Print one line of JSON for each stage of a machine." },
    ],
    examples: [
      { line: "mgmt provisioner --mac=52:54:00:12:34:56", doc: "Fedora, on the machine with this address." },
      { line: "mgmt provisioner --distro=debian --machines=rack.csv --once", doc: "Debian, on a rack of them." },
      {
        line: "mgmt provisioner try --distro=debian --once",
        doc: "The same into a virtual machine: for trying it out.",
      },
      { line: "mgmt provisioner --mac=52:54:00:12:34:56 --dry-run", doc: "Only look." },
    ],
    json: {
      doc: "One line for each stage that a machine comes to: armed, booting, installing, failed or done; `progress` is what its installer does. And one for each trouble of a server.",
      example:
        '{"version":1,"type":"machine","name":"web1","mac":"52:54:00:12:34:56","stage":"installing","progress":"packages"}',
    },
    load: () => import("./provisioner.ts"),
  },
  {
    name: "docs",
    summary: "Show the reference: kinds, functions, commands, problems.",
    doc: "Without a word, lists all there is.",
    arguments: [
      {
        syntax: "[word...]",
        doc: "The name of a kind, a module, a function, a command, a meta parameter, or the code of a problem.",
      },
    ],
    options: [],
    examples: [
      { line: "mgmt docs file", doc: "The fields of a kind." },
      { line: "mgmt docs strings.split", doc: "A function, with the others of its module." },
      { line: "mgmt docs unknown-field", doc: "What a problem means, and the right way." },
    ],
    load: () => import("./docs.ts"),
  },
  {
    name: "lsp",
    summary: "Serve an editor: mistakes as you type, types, completion, renaming.",
    doc: "Speaks the Language Server Protocol on standard input and output. An editor starts it.",
    arguments: [],
    options: [
      { flags: "--stdio", doc: "Said by some editors; it is what happens anyway.", hidden: true },
      { flags: "--clientProcessId <id>", doc: "Said by some editors.", hidden: true },
      { flags: "--module-path <directory>", doc: "Where modules of others are kept." },
    ],
    examples: [],
    load: () => import("./lsp.ts"),
  },
  {
    name: "version",
    summary: "Print the version.",
    doc: "Of this program and of the runtime it carries.",
    arguments: [],
    options: [{ flags: "--json", doc: "As JSON." }],
    examples: [],
    json: {
      doc: "One line.",
      example: '{"version":"0.1.0","runtime":"26.10.0"}',
    },
    load: () => import("./version.ts"),
  },
];
