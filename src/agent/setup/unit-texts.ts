// SPDX-License-Identifier: Apache-2.0
// The units of systemd with which mgmt starts with the machine. Form: systemd.syntax(7), systemd.service(5).

export interface ServiceSetup {
  readonly executable: string;
  /** What stands behind `mgmt run`. */
  readonly args: readonly string[];
}

/** What is wanted is started again whatever becomes of it. More options can stand in /etc/default/mgmt: `OPTS=--verbose`. */
export function serviceUnit({ executable, args }: ServiceSetup): string {
  return `[Unit]
Description=Makes this machine be what a program says
Wants=network-online.target
After=network-online.target

[Service]
Environment=OPTS=
EnvironmentFile=-/etc/default/mgmt
ExecStart=${[executable, "run", ...args].map(quoteForUnit).join(" ")} $OPTS
Restart=always
RestartSec=5
LimitNOFILE=65536
KillMode=mixed

[Install]
WantedBy=multi-user.target
`;
}

export interface FirstBootSetup {
  readonly executable: string;
  /** What stands behind `mgmt firstboot start`. */
  readonly args: readonly string[];
}

export function firstBootUnit({ executable, args }: FirstBootSetup): string {
  return `[Unit]
Description=What was left for the first start of this machine
After=network.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${[executable, "firstboot", "start", ...args].map(quoteForUnit).join(" ")}
StandardOutput=journal+console
StandardError=journal+console

[Install]
WantedBy=multi-user.target
`;
}

/** One word of a command, in which systemd replaces nothing. */
export function quoteForUnit(word: string): string {
  const plain = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  if (/^[\w@%+=:,./$-]+$/.test(plain)) return plain;
  return `"${plain.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
