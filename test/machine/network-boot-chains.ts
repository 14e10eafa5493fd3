// SPDX-License-Identifier: Apache-2.0
// The ways by which a virtual machine boots from the provisioner: what the machine is, the program that serves it, and what
// the small Linux does that it boots instead of an installer.

export interface Chain {
  /** For `pxe-vm up`; DIRECTORY stands for that of the test. */
  readonly machine: readonly string[];
  /** Ends when the machine has told that it is done: its next boot is as that of another chain. */
  readonly isShort?: true;
  /** Files that must be on this machine. */
  readonly needs?: readonly string[];
  /** Of grub and the like, in Debian's layout. */
  readonly loaders: "usual" | "with HTTP";
  /** On the console, when the machine goes on with its own disk. */
  readonly ownDisk: string;
  program(place: ChainPlace): string;
  /** The program before that, in which nobody has named the machine; it waits until somebody has. */
  readonly unknown?: {
    program(place: ChainPlace): string;
    /** What is printed of it. */
    readonly listed: RegExp;
    /** What its firmware must have been given. */
    readonly loader?: string;
  };
}

export interface ChainPlace {
  readonly directory: string;
  readonly loaders: string;
}

export const mac = "52:54:00:77:00:01";
export const ip = "10.77.0.13";
export const server = "http://10.77.0.1:4280";
/** Where the test itself serves as a mirror. */
export const mirrorPort = 8080;

/** UEFI with ways over the network that it is not to try. */
const uefi = (...without: readonly string[]): readonly string[] => [
  "--uefi",
  "--plain",
  "--",
  ...without.flatMap((way) => ["-fw_cfg", `name=opt/org.tianocore/${way},string=n`]),
];

const base = (directory: string, more = ""): string => `import "embedded/provisioner"

include provisioner.base(struct{
	interface => "lab0",
	network => "10.77.0.0/24",
	router => "10.77.0.1/24",
	dns => ["10.77.0.1"],
	forward => false,
	prefix => "${directory}/cache/",
	binary => "/bin/sh",
${more}}) as base
`;

const tell = (form: string, query = ""): string =>
  `wget -q -O - --post-data ${form} "${server}/action/done/mac=${mac}${query}"`;

/** As it is written in a text of the language. */
const inText = (text: string): string => text.replaceAll('"', '\\"');

const live =
  (settings: string, more = "") =>
  ({ directory, loaders }: ChainPlace): string =>
    `${base(directory, more)}include base.image("tiny", struct{
	kernel => "${directory}/tiny/linux",
	initrd => "${directory}/tiny/initrd.gz",
	loaders => "${loaders}",
})
include base.machine("m1", struct{
	mac => "${mac}",
	ip => "${ip}/24",
	files => "tiny",
	args => "console=ttyS0 quiet panic=5 lab.url=${server}/run",
	serial => "ttyS0",
${settings}})

http:server:file "/run" {
	data => "${inText(`${tell("stage=installing")} && ${tell("done=true")}`)}\\n",
}
`;

/** Does with the answers what the installer of Fedora does, as far as a machine without Fedora can. */
export const standIn = `set -e
mkdir -p /tmp /root
for word in $(cat /proc/cmdline); do
  case $word in inst.ks=*) ks=\${word#inst.ks=} ;; inst.repo=*) repo=\${word#inst.repo=} ;; esac
done
cat > /bin/curl <<'S'
#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in -o) out=$2; shift ;; -d) form=$2; shift ;; -*) ;; *) url=$1 ;; esac
  shift
done
if [ -n "$form" ]; then wget -q -O "$out" --post-data "$form" "$url"; else wget -q -O "$out" "$url"; fi
S
chmod +x /bin/curl
# Without the token of this machine nothing is given, and nothing believed.
if wget -q -O /dev/null "\${ks%%\\?*}"; then exit 3; fi
if ${tell("done=true")}; then exit 4; fi
token=\${ks#*token=}
curl -o /tmp/answers "$ks"
grep -qx "url --url=$repo" /tmp/answers
curl -o /tmp/treeinfo "\${repo}.treeinfo"
grep -q 'this is the mirror' /tmp/treeinfo
# Disks that are not there: one of 3 GB, and one on USB, which is never taken.
mount -t tmpfs disks /sys/block
mkdir -p /sys/block/vda /usb1/sda
for disk in /sys/block/vda /usb1/sda; do
  echo 0 > "$disk/removable"
  echo 6291456 > "$disk/size"
done
ln -s /usb1/sda /sys/block/sda
sed -n '/^%pre /,/^%end/{/^%/d;p;}' /tmp/answers > /tmp/pre
sh /tmp/pre
grep -q 'only-use=vda$' /tmp/provision-disk
sed -n '/^%post /,/^%end/{/^%/d;p;}' /tmp/answers | sed '/^sh /,$d' > /tmp/post
sh -e /tmp/post
grep -q 'ssh-keygen' /root/mgmt-finish.sh
${tell("done=true", "?token=$token")}
`;

const fedora = ({ directory }: ChainPlace): string => `${base(directory)}include base.repo(struct{
	distro => "fedora",
	version => "43",
	files => "${directory}/fedora/",
	mirror => "http://10.77.0.1:${mirrorPort}/pub/fedora/linux",
}) as fedora
include base.host("m1", struct{
	repo => $fedora.uid,
	mac => "${mac}",
	ip => "${ip}/24",
	serial => "ttyS0",
	flavour => "Server",
	args => "quiet panic=5 lab.url=${server}/run",
})
http:server:file "/run" {
	path => "${directory}/stand-in",
}
`;

const bootSector = "disk: booted";
const discover = "\tdiscover => true,\n";
const places = "/usr/lib/ipxe/";
const withLoaders = `${discover}\tdiscover_loaders => "${places}",\n`;

/**
 * Firmware with BIOS that is no iPXE and has none: QEMU has no other, so it is one that does not say what it is, which is what our
 * servers go by. To what it loads it is a PXE firmware like any.
 */
export const plainFirmware = `#!ipxe
set user-class PXE
autoboot || exit
`;

export const chains: Readonly<Record<string, Chain>> = {
  "BIOS with iPXE": { machine: [], loaders: "usual", ownDisk: bootSector, program: live("\tbios => true,\n") },
  "BIOS with pxelinux": {
    machine: [],
    loaders: "usual",
    ownDisk: bootSector,
    program: live("\tbios => true,\n\tipxe => false,\n"),
  },
  "UEFI with shim and grub": {
    machine: uefi("IPv6PXESupport"),
    loaders: "usual",
    ownDisk: 'BdsDxe: failed to load Boot[0-9]+ "UEFI PXEv4',
    program: live(""),
  },
  "UEFI over HTTP": {
    machine: uefi("IPv4PXESupport", "IPv6PXESupport"),
    loaders: "with HTTP",
    ownDisk: 'BdsDxe: failed to load Boot[0-9]+ "UEFI HTTPv4',
    program: live(""),
  },
  "an unknown machine that is named while it waits": {
    machine: ["--", "-smbios", "type=1,manufacturer=Acme Inc.,product=X 1,serial=S/N=7"],
    loaders: "usual",
    ownDisk: bootSector,
    program: live("", discover),
    unknown: {
      program: ({ directory }) => base(directory, discover),
      listed: new RegExp(
        `^print\\[unknown machine ${mac}\\]: Acme Inc\\.\tX 1\tS/N=7\t512 MB\t(?:x86_64|i386)\tpcbios$`,
        "m",
      ),
    },
  },
  "an unknown machine with BIOS and no iPXE": {
    machine: ["--", "-kernel", `${places}ipxe.lkrn`, "-initrd", "DIRECTORY/plain.ipxe"],
    needs: [`${places}ipxe.lkrn`, `${places}undionly.kpxe`],
    isShort: true,
    loaders: "usual",
    ownDisk: bootSector,
    program: live("", withLoaders),
    unknown: {
      program: ({ directory }) => base(directory, withLoaders),
      listed: new RegExp(`^print\\[unknown machine ${mac}\\]: QEMU\t.*\t512 MB\t(?:x86_64|i386)\tpcbios$`, "m"),
      loader: "/unknown/undionly.kpxe",
    },
  },
  "an unknown machine with UEFI and no iPXE": {
    machine: uefi("IPv6PXESupport"),
    needs: [`${places}ipxe.efi`],
    isShort: true,
    loaders: "usual",
    ownDisk: 'BdsDxe: failed to load Boot[0-9]+ "UEFI PXEv4',
    program: live("", withLoaders),
    unknown: {
      program: ({ directory }) => base(directory, withLoaders),
      listed: new RegExp(`^print\\[unknown machine ${mac}\\]: QEMU\t.*\t512 MB\tx86_64\tefi$`, "m"),
      loader: "/unknown/ipxe.efi",
    },
  },
  "the answers for Fedora": { machine: [], loaders: "usual", ownDisk: bootSector, program: fedora },
};
