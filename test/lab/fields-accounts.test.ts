// SPDX-License-Identifier: Apache-2.0
// What each field of `user`, `group` and `ssh:authorized_key` says, changed by the programs that administrators use for that.

import { someFields } from "../fields.ts";
import { after, change, type Debian } from "./fields.ts";

const hash = "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/";

someFields<Debian>("user", {
  machine: after(
    "userdel --force hal 2>/dev/null || true; groupdel hal 2>/dev/null || true; rm -rf /home/hal /homes; mkdir /homes",
  ),
  name: "hal",
  changes: {
    state: [
      change({}, "userdel hal", "+ add the user"),
      change(
        { state: "absent" },
        "useradd --uid 1500 hal",
        "- remove the user with the number 1500 and its own group; /home/hal stays",
      ),
    ],
    uid: change({ uid: 1501 }, "usermod --uid 1502 hal", "~ set the number 1501 (was 1502)"),
    gid: change({ gid: 50 }, "usermod --gid adm hal", "~ set the primary group 50 (was adm)"),
    group: change({ group: "staff" }, "usermod --gid adm hal", "~ set the primary group staff (was adm)"),
    groups: [
      change({ groups: ["adm"] }, "gpasswd --delete hal adm", "~ set the other groups adm (was none)"),
      change({ groups: [] }, "usermod --append --groups video hal", "~ set the other groups to none (was video)"),
    ],
    homedir: change(
      { homedir: "/homes/hal/" },
      "usermod --home /homes/other hal",
      "~ set the home directory /homes/hal (was /homes/other)",
    ),
    shell: change({ shell: "/bin/bash" }, "chsh --shell /bin/sh hal", "~ set the shell /bin/bash (was /bin/sh)"),
    comment: change({ comment: "Hal" }, "usermod --comment Mallory hal", '~ set the comment "Hal" (was "Mallory")'),
    password: [
      change({ password: hash }, "passwd --delete hal", "+ set the password"),
      change({ password: hash }, "usermod --lock hal", "+ set the password"),
    ],
    createhome: change({ createhome: true }, "rm -r /home/hal", "+ make the home directory /home/hal"),
  },
});

someFields<Debian>("group", {
  machine: after("groupdel crew 2>/dev/null || true"),
  name: "crew",
  changes: {
    state: [
      change({}, "groupdel crew", "+ add the group"),
      change({ state: "absent" }, "groupadd --gid 1600 crew", "- remove the group with the number 1600"),
    ],
    gid: change({ gid: 1601 }, "groupmod --gid 1602 crew", "~ set the number 1601 (was 1602)"),
  },
});

const key = "AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
const ofAlice = "ssh-ed25519 …BwcHBwcH (alice)";
const parts = { content: "", type: "ssh-ed25519", key, comment: "alice" };
const keys = "/srv/alice/.ssh/authorized_keys";

someFields<Debian>("ssh:authorized_key", {
  machine: after(`
    userdel --force alice 2>/dev/null || true; rm -rf /srv/alice /etc/keys; mkdir /srv/alice
    useradd --uid 1700 --home-dir /srv/alice alice; chown alice:alice /srv/alice
    install --directory --owner alice --group alice --mode 700 /srv/alice/.ssh`),
  name: "alice",
  fields: { state: "exists", user: "alice", content: `ssh-ed25519 ${key} alice` },
  changes: {
    state: change({ state: "absent" }, `echo ssh-ed25519 ${key} alice > ${keys}`, `- remove the key ${ofAlice}`),
    file: [
      change({}, `rm ${keys}`, `+ add the key ${ofAlice} to a new file`),
      change({ file: "/etc/keys/alice" }, "mv /etc/keys/alice /etc/keys/bob", `+ add the key ${ofAlice} to a new file`),
      change({}, `chmod 0666 ${keys}`, "~ set mode 0644 (was 0666)"),
    ],
    user: change({}, `chown 7 ${keys}`, "~ set owner 1700 (was 7)"),
    content: change({}, `sed -i s/alice/mallory/ ${keys}`, `~ change the line of the key ${ofAlice}`),
    options: change(
      { ...parts, options: ["no-pty"] },
      `sed -i s/no-pty,*// ${keys}`,
      `~ change the line of the key ${ofAlice}`,
    ),
    type: change(parts, `sed -i s/ssh-ed25519/ssh-rsa/ ${keys}`, `+ add the key ${ofAlice}`),
    key: change(parts, `sed -i s/IAcH/IAgH/ ${keys}`, `+ add the key ${ofAlice}`),
    comment: change(parts, `sed -i s/alice/bob/ ${keys}`, `~ change the line of the key ${ofAlice}`),
    mkdir: change(
      {},
      "rm -r /srv/alice/.ssh",
      "+ make the directory /srv/alice/.ssh, mode 0700, owner 1700",
      `+ add the key ${ofAlice} to a new file`,
    ),
  },
});
