// SPDX-License-Identifier: Apache-2.0
// Every kind of resource. A new kind is a file and a line here; nothing registers itself.

import type { Constant } from "../contract/catalog.ts";
import type { ResourceKind } from "../contract/resource.ts";
import { intType, strType } from "../values/type.ts";
import { group } from "./accounts/group.ts";
import { password } from "./accounts/password.ts";
import { user } from "./accounts/user.ts";
import { archive } from "./archives/archive.ts";
import { deployTar } from "./archives/deploy-tar.ts";
import { gzip } from "./archives/gzip.ts";
import { tar } from "./archives/tar.ts";
import { exec } from "./commands/exec.ts";
import { configEtcd } from "./exchange/config-etcd.ts";
import { kv } from "./exchange/kv.ts";
import { schedule } from "./exchange/schedule.ts";
import { dhcpHost } from "./dhcp/host.ts";
import { dhcpRange } from "./dhcp/range.ts";
import { dhcpServer } from "./dhcp/server.ts";
import { value } from "./exchange/value.ts";
import { file } from "./files/file.ts";
import { httpServerFile } from "./http/file.ts";
import { httpServerFlag } from "./http/flag.ts";
import { httpServerInvitation } from "./http/invitation.ts";
import { httpServerReport } from "./http/report.ts";
import { httpServerUiInput } from "./http/ui-input.ts";
import { httpServerProxy } from "./http/proxy.ts";
import { httpServerUi } from "./http/ui.ts";
import { httpServer } from "./http/server.ts";
import { msg } from "./messages/msg.ts";
import { print } from "./messages/print.ts";
import { pkg } from "./packages/pkg.ts";
import { testCommand } from "./testing/command.ts";
import { testExpect } from "./testing/expect.ts";
import { testMachine } from "./testing/machine.ts";
import { noop } from "./testing/noop.ts";
import { testPackage } from "./testing/package.ts";
import { testRefusal } from "./testing/refusal.ts";
import { exit } from "./running/exit.ts";
import { remote } from "./remote/remote.ts";
import { authorizedKey } from "./ssh/authorized-key.ts";
import { cron } from "./services/cron.ts";
import { nspawn } from "./services/nspawn.ts";
import { svc } from "./services/svc.ts";
import { firewalld } from "./network/firewalld.ts";
import { net } from "./network/net.ts";
import { nftables } from "./network/nftables.ts";
import { mount } from "./storage/mount.ts";
import { fwattr } from "./system/fwattr.ts";
import { hostname } from "./system/hostname.ts";
import { sysctl } from "./system/sysctl.ts";
import { test } from "./testing/test.ts";
import { syslogServer } from "./syslog/server.ts";
import { tftpFile } from "./tftp/file.ts";
import { tftpServer } from "./tftp/server.ts";
import { line } from "./text/line.ts";
import { timer } from "./timing/timer.ts";
import { virt } from "./virt/domain.ts";
import { virtBuilder } from "./virt/builder.ts";
import { virtNetworkHost } from "./virt/network-host.ts";
import { virtNetworkRange } from "./virt/network-range.ts";
import { virtNetwork } from "./virt/network.ts";
import { jsonEdit } from "./json/json-edit.ts";
import { gsettings } from "./settings/gsettings.ts";
import { augeas } from "./text/augeas.ts";
import { httpClient } from "./http/client.ts";
import { git } from "./git/git.ts";
import { awsEc2 } from "./aws/ec2.ts";
import { bmcFirmware } from "./bmc/firmware.ts";
import { bmcPower } from "./bmc/power.ts";
import { consulKv } from "./consul/kv.ts";
import { fwupdDevice } from "./fwupd/device.ts";
import { fwupdRemote } from "./fwupd/remote.ts";
import { fwupdSystem } from "./fwupd/system.ts";
import { hetznerVm } from "./hetzner/vm.ts";
import { dockerContainer } from "./docker/container.ts";
import { dockerImage } from "./docker/image.ts";

export const kinds: readonly ResourceKind[] = [
  archive,
  augeas,
  authorizedKey,
  awsEc2,
  bmcFirmware,
  bmcPower,
  consulKv,
  cron,
  deployTar,
  dhcpHost,
  dhcpRange,
  dhcpServer,
  dockerContainer,
  dockerImage,
  exec,
  exit,
  file,
  git,
  firewalld,
  fwattr,
  fwupdDevice,
  fwupdRemote,
  fwupdSystem,
  group,
  gsettings,
  gzip,
  hetznerVm,
  hostname,
  httpClient,
  jsonEdit,
  httpServer,
  httpServerFile,
  httpServerFlag,
  httpServerInvitation,
  httpServerReport,
  httpServerProxy,
  httpServerUi,
  httpServerUiInput,
  kv,
  configEtcd,
  line,
  mount,
  msg,
  net,
  nftables,
  noop,
  nspawn,
  password,
  pkg,
  print,
  remote,
  schedule,
  svc,
  sysctl,
  tar,
  test,
  testCommand,
  testExpect,
  testMachine,
  testPackage,
  testRefusal,
  syslogServer,
  tftpFile,
  tftpServer,
  timer,
  user,
  value,
  virt,
  virtBuilder,
  virtNetwork,
  virtNetworkHost,
  virtNetworkRange,
];

/** Names for the values that a field of a kind can have: `$const.res.file.state.exists`. */
export const kindConstants: readonly Constant[] = [
  constant("file", "state", "exists", "exists"),
  constant("file", "state", "absent", "absent"),
  constant("file", "state", "undefined", ""),
  constant("firewalld", "state", "exists", "exists"),
  constant("firewalld", "state", "absent", "absent"),
  constant("gzip", "level", "no_compression", 0n),
  constant("gzip", "level", "best_speed", 1n),
  constant("gzip", "level", "best_compression", 9n),
  constant("gzip", "level", "default_compression", -1n),
  constant("gzip", "level", "huffman_only", -2n),
  constant("tar", "format", "unknown", 0n),
  constant("tar", "format", "ustar", 2n),
  constant("tar", "format", "pax", 4n),
  constant("tar", "format", "gnu", 8n),
  constant("net", "state", "up", "up"),
  constant("net", "state", "down", "down"),
  constant("net", "state", "undefined", ""),
];

function constant(kind: string, field: string, name: string, value: string | bigint): Constant {
  const type = typeof value === "string" ? strType : intType;
  return { module: "", name: `const.res.${kind}.${field}.${name}`, type, value };
}
