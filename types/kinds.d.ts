// SPDX-License-Identifier: Apache-2.0
// Written by `npm run docs` from src/library; do not edit it.

import type { AnyValue, Given, Resource, ResourceOptions, Sent } from "./resource.js";
/** The meta parameters, which every resource has. */
export interface Meta {
    /** Look, and say what would be done, but change nothing. */
    readonly noop?: Given<boolean>;
    /**
     * Extra attempts after a failure; `-1` for ever. Without `Meta:delay` the first ten follow at once, later ones up to
     * a second apart.
     */
    readonly retry?: Given<number | bigint>;
    /** A success gives all attempts back. */
    readonly retryreset?: Given<boolean>;
    /** Milliseconds between two attempts. */
    readonly delay?: Given<number | bigint>;
    /** Seconds that looking and repairing may take together; `0` for no limit. */
    readonly timeout?: Given<number | bigint>;
    /** Seconds between two looks, instead of waiting for events; `0` to wait for events, `-1` to look once. */
    readonly poll?: Given<number | bigint>;
    /** Events that are acted on in a second, at most. */
    readonly limit?: Given<number>;
    /** Events that may come at once before `Meta:limit` counts. */
    readonly burst?: Given<number | bigint>;
    /** Forget the attempts already used when the resource is replaced. */
    readonly reset?: Given<boolean>;
    /** Semaphores, each `name:count`: of all resources with one, so many work at the same time. */
    readonly sema?: Given<readonly string[]>;
    /** Start it again with the next graph after it has failed for good. */
    readonly rewatch?: Given<boolean>;
    /** Make it true once before it may be removed. */
    readonly realize?: Given<boolean>;
    /** Allow a name that begins with a dollar sign. */
    readonly dollar?: Given<boolean>;
    /** Keep it in the graph without carrying it out here. */
    readonly hidden?: Given<boolean>;
    /** Hosts that may collect it; `*` stands for every host. */
    readonly export?: Given<readonly string[]>;
    /** Undo it when it leaves the program. */
    readonly reverse?: Given<boolean>;
    /** Let edges to related resources be added by themselves. */
    readonly autoedge?: Given<boolean>;
    /** Let it be carried out together with others of its kind. */
    readonly autogroup?: Given<boolean>;
    /** Seconds after which hosts lose what `Meta:export` shows them, when nothing is heard of this host; `0` for never. */
    readonly expire?: Given<number | bigint>;
}
/** The fields of `archive`. */
export interface ArchiveFields {
    /**
     * The directory into which it is extracted, absolute. It is made if it is missing; what else is in it stays.
     *
     * In mcl: `"/opt/app/"`
     *
     * When not given, it is the name of the resource.
     */
    readonly path?: Given<string>;
    /**
     * The archive: a tar file, also one that gzip, zstd, xz or bzip2 has packed, or a zip file, whatever its name.
     *
     * In mcl: `"/var/cache/app-1.4.tar.gz"`
     */
    readonly source?: Given<string>;
    /** The SHA-256 that the archive must have, in hexadecimal digits. With another one nothing is extracted. */
    readonly sha256?: Given<string>;
    /**
     * So many directories at the beginning of each name in the archive are left out, and what has no more of a name.
     *
     * In mcl: `1`
     */
    readonly strip?: Given<number>;
    /**
     * The user to whom all of it belongs: a name or a number.
     *
     * In mcl: `"app"`
     */
    readonly owner?: Given<string>;
    /** The group to which all of it belongs: a name or a number. */
    readonly group?: Given<string>;
    /**
     * Gives all of it the owner, group and set-id bits that the archive says: by name where such a user is here, else by
     * number. Not with `owner` and `group`.
     */
    readonly same_owner?: Given<boolean>;
    /** Whether symbolic links in the archive may lead out of the directory. They are never followed while extracting. */
    readonly links?: Given<"inside" | "any">;
    /** Lets a file, directory or symbolic link be removed when one of another sort must be in its place. */
    readonly force?: Given<boolean>;
}
/** What is in a tar or zip file, extracted into a directory and kept as it was. */
export declare function archive(name: string, fields?: ArchiveFields, options?: ResourceOptions): Resource;
/** The fields of `augeas`. */
export interface AugeasFields {
    /**
     * The file. Without it, the paths in `sets` say which files are meant.
     *
     * In mcl: `"/etc/ssh/sshd_config"`
     */
    readonly file?: Given<string>;
    /**
     * The lens of Augeas that knows the form of the file. Goes together with `file`.
     *
     * In mcl: `"Sshd.lns"`
     */
    readonly lens?: Given<string>;
    /**
     * What must be set: the path of a setting in the tree that Augeas makes of the file, and its value. A path that does
     * not begin with a slash is one inside of `file`; without `file` it begins with `/files/` and the file.
     *
     * In mcl: `[struct{path => "PermitRootLogin", value => "no"}]`
     */
    readonly sets?: Given<readonly ({
        readonly path: string;
        readonly value: string;
    })[]>;
}
/** Settings in a configuration file of any form that Augeas knows; the rest of the file is left as it is. */
export declare function augeas(name: string, fields?: AugeasFields, options?: ResourceOptions): Resource;
/** The fields of `aws:ec2`. */
export interface AwsEc2Fields {
    /**
     * What the machine does, or that there is none. It is found by its tag `Name`, which is `mgmt:` and the name of the
     * resource.
     */
    readonly state?: Given<"running" | "stopped" | "terminated">;
    /**
     * Where the machine is.
     *
     * In mcl: `"eu-central-1"`
     */
    readonly region?: Given<"af-south-1" | "ap-east-1" | "ap-east-2" | "ap-northeast-1" | "ap-northeast-2" | "ap-northeast-3" | "ap-south-1" | "ap-south-2" | "ap-southeast-1" | "ap-southeast-2" | "ap-southeast-3" | "ap-southeast-4" | "ap-southeast-5" | "ap-southeast-6" | "ap-southeast-7" | "ca-central-1" | "ca-west-1" | "cn-north-1" | "cn-northwest-1" | "eu-central-1" | "eu-central-2" | "eu-north-1" | "eu-south-1" | "eu-south-2" | "eu-west-1" | "eu-west-2" | "eu-west-3" | "il-central-1" | "me-central-1" | "me-south-1" | "mx-central-1" | "sa-east-1" | "us-east-1" | "us-east-2" | "us-gov-east-1" | "us-gov-west-1" | "us-west-1" | "us-west-2">;
    /**
     * The type of the machine.
     *
     * In mcl: `"t3.micro"`
     */
    readonly type?: Given<string>;
    /**
     * The image that it is made from.
     *
     * In mcl: `"ami-0123456789abcdef0"`
     */
    readonly imageid?: Given<string>;
    /**
     * The URL under which Amazon reaches what listens at `watchlistenaddr`: then it tells by itself when the machine
     * changes. Not given: it is asked again and again.
     *
     * In mcl: `"http://web1.example.com:8080/"`
     */
    readonly watchendpoint?: Given<string>;
    /**
     * The address and the port of this machine at which `watchendpoint` arrives.
     *
     * In mcl: `":8080"`
     */
    readonly watchlistenaddr?: Given<string>;
    /** Something else than a notice of Amazon at `watchlistenaddr` is a failure, and not only refused. */
    readonly erroronmalformedpost?: Given<boolean>;
    /** What the machine finds at its first start, for cloud-init; 16 KiB at most. Never shown. */
    readonly userdata?: Given<string>;
}
/** A machine of Amazon EC2. */
export declare function awsEc2(name: string, fields?: AwsEc2Fields, options?: ResourceOptions): Resource;
/** The fields of `bmc:firmware`. */
export interface BmcFirmwareFields {
    /**
     * Where the controller is. Not given: as the name says when it is a URL, `driver://user@host:port`.
     *
     * In mcl: `"bmc1.example.com"`
     */
    readonly hostname?: Given<string>;
    /** Its port. Not given: as the name says, else 443, or 80 without encryption. */
    readonly port?: Given<number>;
    /**
     * Who logs in. Not given: as the name says.
     *
     * In mcl: `"admin"`
     */
    readonly username?: Given<string>;
    /** With what password. Never shown. */
    readonly password?: Given<string>;
    /** Takes the password from the name when `password` is not given. Everybody sees the names of resources. */
    readonly insecure_password?: Given<boolean>;
    /**
     * Who has made the machine: nothing is installed on one of somebody else. Not given: it does not matter.
     *
     * In mcl: `"supermicro"`
     */
    readonly provider?: Given<string>;
    /**
     * The file with the firmware.
     *
     * In mcl: `"/srv/firmware/x11-3.4.bin"`
     */
    readonly file?: Given<string>;
    /** The SHA-256 of the file. Another file is not installed. */
    readonly hash?: Given<string>;
    /**
     * The version that is then installed, in the words of the controller. Not given: the file is installed once.
     *
     * In mcl: `"3.4"`
     */
    readonly version?: Given<string>;
    /** The name of a `bmc:power` that waits until the firmware is installed. */
    readonly block?: Given<string>;
}
/** The firmware of a machine, installed by its baseboard controller. */
export declare function bmcFirmware(name: string, fields?: BmcFirmwareFields, options?: ResourceOptions): Resource;
/** The fields of `bmc:power`. */
export interface BmcPowerFields {
    /**
     * Where the controller is. Not given: as the name says when it is a URL, `driver://user@host:port`.
     *
     * In mcl: `"bmc1.example.com"`
     */
    readonly hostname?: Given<string>;
    /** Its port. Not given: as the name says, else 443, or 80 without encryption. */
    readonly port?: Given<number>;
    /**
     * Who logs in. Not given: as the name says.
     *
     * In mcl: `"admin"`
     */
    readonly username?: Given<string>;
    /** With what password. Never shown. */
    readonly password?: Given<string>;
    /** Takes the password from the name when `password` is not given. Everybody sees the names of resources. */
    readonly insecure_password?: Given<boolean>;
    /**
     * How the controller is talked to: `redfish` (or `gofish`), or `rpc` for a service in the form of bmclib; with an
     * `s` at the end over an encrypted connection. Not given: as the name says.
     */
    readonly driver?: Given<"rpc" | "rpcs" | "gofish" | "gofishs" | "redfish" | "redfishs">;
    /** Whether the machine is on. */
    readonly state?: Given<"on" | "off">;
}
/** Whether a machine is switched on, by its baseboard controller. */
export declare function bmcPower(name: string, fields?: BmcPowerFields, options?: ResourceOptions): Resource;
/** The fields of `config:etcd`. */
export interface ConfigEtcdFields {
    /**
     * How many hosts are to keep the store, if there are so many: an odd number survives the loss of just less than half
     * of them. `0` ends the store, in order; the last host keeps what is in it.
     *
     * In mcl: `3`
     */
    readonly idealclustersize?: Given<number> | Sent<number>;
    /** `idealclustersize` may be `0`. */
    readonly allow_size_shutdown?: Given<boolean> | Sent<boolean>;
}
/** How many hosts of the cluster keep its store. */
export declare function configEtcd(name: string, fields?: ConfigEtcdFields, options?: ResourceOptions): Resource;
/** The fields of `consul:kv`. */
export interface ConsulKvFields {
    /**
     * The key. Not given: the name of the resource, or the path in it when the name is a URL.
     *
     * In mcl: `"app/colour"`
     */
    readonly key?: Given<string> | Sent<string>;
    /**
     * The text.
     *
     * In mcl: `"blue"`
     */
    readonly value?: Given<string> | Sent<string>;
    /**
     * How Consul is asked. Not given: as the name says when it is a URL, else `http`, or `https` if the variable
     * CONSUL_HTTP_SSL of the environment says so.
     */
    readonly scheme?: Given<"http" | "https"> | Sent<"http" | "https">;
    /**
     * Where Consul is asked. Not given: as the name says when it is a URL, else the variable CONSUL_HTTP_ADDR, else
     * `127.0.0.1:8500`.
     *
     * In mcl: `"consul.example.com:8500"`
     */
    readonly address?: Given<string> | Sent<string>;
    /**
     * What Consul knows us by. Not given: the variable CONSUL_HTTP_TOKEN. Never shown.
     *
     * In mcl: `"b1gs33cr3t"`
     */
    readonly token?: Given<string> | Sent<string>;
}
/** A text under a key of Consul. */
export declare function consulKv(name: string, fields?: ConsulKvFields, options?: ResourceOptions): Resource;
/** The fields of `cron`. */
export interface CronFields {
    /**
     * What is started. Not given: the service of the same name.
     *
     * In mcl: `"backup.service"`
     */
    readonly unit?: Given<string> | Sent<string>;
    /** Whether there is such a timer. */
    readonly state?: Given<"exists" | "absent"> | Sent<"exists" | "absent">;
    /** Whether it starts with the machine. `""` leaves that as it is. */
    readonly startup?: Given<"enabled" | "disabled"> | Sent<"enabled" | "disabled">;
    /** It is a timer of the user for whom mgmt acts, and not of the machine. */
    readonly session?: Given<boolean> | Sent<boolean>;
    /**
     * What `time` is: a date and time, or a time span since the timer, the machine, systemd or the unit was started.
     *
     * In mcl: `"OnCalendar"`
     */
    readonly trigger?: Given<"OnCalendar" | "OnActiveSec" | "OnBootSec" | "OnStartupSec" | "OnUnitActiveSec" | "OnUnitInactiveSec"> | Sent<"OnCalendar" | "OnActiveSec" | "OnBootSec" | "OnStartupSec" | "OnUnitActiveSec" | "OnUnitInactiveSec">;
    /**
     * When, or after how long, in the words of systemd.
     *
     * In mcl: `"Mon..Fri 03:30"`
     */
    readonly time?: Given<string> | Sent<string>;
    /**
     * It may be so much later, to start together with others.
     *
     * In mcl: `"1s"`
     */
    readonly accuracysec?: Given<string> | Sent<string>;
    /**
     * It is later by a random time up to this.
     *
     * In mcl: `"10min"`
     */
    readonly randomizeddelaysec?: Given<string> | Sent<string>;
    /** What was missed while the machine was off is made up for when it starts. */
    readonly persistent?: Given<boolean> | Sent<boolean>;
    /** Wakes a machine that sleeps. */
    readonly wakesystem?: Given<boolean> | Sent<boolean>;
    /** The timer stays when it will not start anything any more. */
    readonly remainafterelapse?: Given<boolean> | Sent<boolean>;
    /** Not given: "timer generated by mgmt"; `""`: none. */
    readonly description?: Given<string> | Sent<string>;
}
/** Starts a service at certain times, or again and again: a timer of systemd, or a line for cron. */
export declare function cron(name: string, fields?: CronFields, options?: ResourceOptions): Resource;
/** The fields of `deploy:tar`. */
export interface DeployTarFields {
    /**
     * The archive; the name of the resource if absent.
     *
     * When not given, it is the name of the resource.
     */
    readonly path?: Given<string>;
    /**
     * The form of the archive. `0` is ustar, and for entries that do not fit into it pax, or gnu for names that are no
     * text.
     *
     * In mcl: `$const.res.tar.format.pax`
     */
    readonly format?: Given<number>;
}
/** An archive of the program itself, with all files that it takes along. */
export declare function deployTar(name: string, fields?: DeployTarFields, options?: ResourceOptions): Resource;
/** The fields of `dhcp:host`. */
export interface DhcpHostFields {
    /**
     * The name of the `dhcp:server`. Not given: any.
     *
     * In mcl: `":67"`
     */
    readonly server?: Given<string>;
    /**
     * The hardware address, in lower case with colons.
     *
     * In mcl: `"52:54:00:12:34:56"`
     */
    readonly mac?: Given<string>;
    /**
     * Its address, with the length of the network part. Not given: one of a `dhcp:range`.
     *
     * In mcl: `"192.168.42.13/24"`
     */
    readonly ip?: Given<string>;
    /**
     * Name servers, instead of those of the server.
     *
     * In mcl: `["192.168.42.1"]`
     */
    readonly dns?: Given<readonly string[]>;
    /**
     * The way out of the network, instead of that of the server; for a network behind a relay.
     *
     * In mcl: `["192.168.42.1"]`
     */
    readonly routers?: Given<readonly string[]>;
    /**
     * The network boot program of whoever `nbp_for` does not name: `tftp://HOST/PATH`, or an HTTP URL for firmware and
     * loaders that can do that. `none`: it boots from its disk, and firmware is told so at once. Not given: that of the
     * range, else of the server.
     *
     * In mcl: `"tftp://192.168.42.1/pxelinux.0"`
     */
    readonly nbp?: Given<string>;
    /**
     * The path that clients are told, when it is not that of the URL of `nbp`, for example without a slash in front.
     *
     * In mcl: `"pxelinux.0"`
     */
    readonly nbp_path?: Given<string>;
    /**
     * Boot programs by who asks. Firmware: `bios`, `uefi-ia32`, `uefi-x64`, `uefi-arm32`, `uefi-arm64`, `uefi-riscv64`,
     * `uefi-loongarch64`, or the number of an architecture (DHCP option 93). `http`: firmware that boots over HTTP.
     * `ipxe`: the loader iPXE. These two also for one firmware, `http-uefi-x64`.
     *
     * In mcl: `{"bios" => "tftp://192.168.42.1/pxelinux.0", "uefi-x64" => "tftp://192.168.42.1/shimx64.efi", "http" =>
     * "http://192.168.42.1/boot.efi", "ipxe" => "http://192.168.42.1/menu.ipxe"}`
     */
    readonly nbp_for?: Given<Readonly<Record<string, string>> | ReadonlyMap<string, string>>;
}
/** One machine, which a DHCP server knows by its hardware address: its address, and what it boots. */
export declare function dhcpHost(name: string, fields?: DhcpHostFields, options?: ResourceOptions): Resource;
/** The fields of `dhcp:range`. */
export interface DhcpRangeFields {
    /**
     * The name of the `dhcp:server`. Not given: any.
     *
     * In mcl: `":67"`
     */
    readonly server?: Given<string>;
    /**
     * The network whose addresses are given. Not given, and no `from` and `to`: the name of the resource.
     *
     * In mcl: `"192.168.42.0/24"`
     */
    readonly network?: Given<string>;
    /**
     * The first address, instead of a network.
     *
     * In mcl: `"192.168.42.100"`
     */
    readonly from?: Given<string>;
    /**
     * The last address.
     *
     * In mcl: `"192.168.42.199"`
     */
    readonly to?: Given<string>;
    /**
     * The mask of `from` and `to`: `/24` or `255.255.255.0`.
     *
     * In mcl: `"/24"`
     */
    readonly mask?: Given<string>;
    /**
     * Addresses in it that nobody gets.
     *
     * In mcl: `["192.168.42.1"]`
     */
    readonly skip?: Given<readonly string[]>;
    /** Remembers who has which address over a restart. */
    readonly persist?: Given<boolean>;
    /**
     * Name servers, instead of those of the server.
     *
     * In mcl: `["192.168.42.1"]`
     */
    readonly dns?: Given<readonly string[]>;
    /**
     * The way out of the network, instead of that of the server; for a network behind a relay.
     *
     * In mcl: `["192.168.42.1"]`
     */
    readonly routers?: Given<readonly string[]>;
    /**
     * The network boot program of whoever `nbp_for` does not name: `tftp://HOST/PATH`, or an HTTP URL for firmware and
     * loaders that can do that. `none`: it boots from its disk, and firmware is told so at once. Not given: that of the
     * range, else of the server.
     *
     * In mcl: `"tftp://192.168.42.1/pxelinux.0"`
     */
    readonly nbp?: Given<string>;
    /**
     * The path that clients are told, when it is not that of the URL of `nbp`, for example without a slash in front.
     *
     * In mcl: `"pxelinux.0"`
     */
    readonly nbp_path?: Given<string>;
    /**
     * Boot programs by who asks. Firmware: `bios`, `uefi-ia32`, `uefi-x64`, `uefi-arm32`, `uefi-arm64`, `uefi-riscv64`,
     * `uefi-loongarch64`, or the number of an architecture (DHCP option 93). `http`: firmware that boots over HTTP.
     * `ipxe`: the loader iPXE. These two also for one firmware, `http-uefi-x64`.
     *
     * In mcl: `{"bios" => "tftp://192.168.42.1/pxelinux.0", "uefi-x64" => "tftp://192.168.42.1/shimx64.efi", "http" =>
     * "http://192.168.42.1/boot.efi", "ipxe" => "http://192.168.42.1/menu.ipxe"}`
     */
    readonly nbp_for?: Given<Readonly<Record<string, string>> | ReadonlyMap<string, string>>;
}
/** Addresses that a DHCP server gives to whoever comes. */
export declare function dhcpRange(name: string, fields?: DhcpRangeFields, options?: ResourceOptions): Resource;
/** The fields of `dhcp:server`. */
export interface DhcpServerFields {
    /**
     * Where it listens: a port behind a colon, or an IPv4 address of the interface and a port.
     *
     * In mcl: `":67"`
     *
     * When not given, it is the name of the resource.
     */
    readonly address?: Given<string>;
    /**
     * The network interface whose machines it serves.
     *
     * In mcl: `"eth1"`
     */
    readonly interface?: Given<string>;
    /**
     * Who it says it is. Not given: the address that it listens on, else the first IPv4 address of the interface. Empty:
     * nobody.
     *
     * In mcl: `"192.168.42.1"`
     */
    readonly serverid?: Given<string>;
    /**
     * How long an address is given for. Empty: not told.
     *
     * In mcl: `"10m"`
     */
    readonly leasetime?: Given<string>;
    /**
     * Name servers, for those who ask.
     *
     * In mcl: `["192.168.42.1"]`
     */
    readonly dns?: Given<readonly string[]>;
    /**
     * The way out of the network.
     *
     * In mcl: `["192.168.42.1"]`
     */
    readonly routers?: Given<readonly string[]>;
    /** Only machines that a `dhcp:host` declares are answered, from ranges too. */
    readonly known_only?: Given<boolean>;
    /** Another server gives the addresses; this one only tells boot programs, at this port and at port 4011 (proxyDHCP). */
    readonly proxy?: Given<boolean>;
    /**
     * The network boot program of whoever `nbp_for` does not name: `tftp://HOST/PATH`, or an HTTP URL for firmware and
     * loaders that can do that. `none`: it boots from its disk, and firmware is told so at once. Not given: that of the
     * range, else of the server.
     *
     * In mcl: `"tftp://192.168.42.1/pxelinux.0"`
     */
    readonly nbp?: Given<string>;
    /**
     * The path that clients are told, when it is not that of the URL of `nbp`, for example without a slash in front.
     *
     * In mcl: `"pxelinux.0"`
     */
    readonly nbp_path?: Given<string>;
    /**
     * Boot programs by who asks. Firmware: `bios`, `uefi-ia32`, `uefi-x64`, `uefi-arm32`, `uefi-arm64`, `uefi-riscv64`,
     * `uefi-loongarch64`, or the number of an architecture (DHCP option 93). `http`: firmware that boots over HTTP.
     * `ipxe`: the loader iPXE. These two also for one firmware, `http-uefi-x64`.
     *
     * In mcl: `{"bios" => "tftp://192.168.42.1/pxelinux.0", "uefi-x64" => "tftp://192.168.42.1/shimx64.efi", "http" =>
     * "http://192.168.42.1/boot.efi", "ipxe" => "http://192.168.42.1/menu.ipxe"}`
     */
    readonly nbp_for?: Given<Readonly<Record<string, string>> | ReadonlyMap<string, string>>;
}
/** A DHCP server; whom it gives which address tell the resources `dhcp:host` and `dhcp:range`. */
export declare function dhcpServer(name: string, fields?: DhcpServerFields, options?: ResourceOptions): Resource;
/** The fields of `docker:container`. */
export interface DockerContainerFields {
    /** Whether it runs, is there without running, or is not there. The name of the resource is that of the container. */
    readonly state?: Given<"running" | "stopped" | "removed">;
    /**
     * The image from which it is made; it is pulled if the engine does not have it.
     *
     * In mcl: `"nginx:1.27"`
     */
    readonly image?: Given<string>;
    /**
     * What runs in it, instead of what the image says.
     *
     * In mcl: `["nginx", "-g", "daemon off;"]`
     */
    readonly cmd?: Given<readonly string[]>;
    /**
     * Variables of its environment.
     *
     * In mcl: `["TZ=UTC"]`
     */
    readonly env?: Given<readonly string[]>;
    /**
     * Ports of the machine that lead to ports of the container, for `tcp`, `udp` and `sctp`.
     *
     * In mcl: `{"tcp" => {8080 => 80}}`
     */
    readonly ports?: Given<Readonly<Record<string, ReadonlyMap<number | bigint, number | bigint>>> | ReadonlyMap<string, ReadonlyMap<number | bigint, number | bigint>>>;
    /**
     * The version of the engine's interface; the newest that it has, if absent.
     *
     * In mcl: `"v1.41"`
     */
    readonly apiversion?: Given<string>;
    /** Lets a container that was made from another image, or in another way, be removed and made anew. */
    readonly force?: Given<boolean>;
}
/** A container of an engine such as Docker: made from an image, and running or not. */
export declare function dockerContainer(name: string, fields?: DockerContainerFields, options?: ResourceOptions): Resource;
/** The fields of `docker:image`. */
export interface DockerImageFields {
    /** Whether the engine is to have it. The name of the resource is that of the image; without a tag it is `latest`. */
    readonly state?: Given<"exists" | "absent">;
    /**
     * The version of the engine's interface; the newest that it has, if absent.
     *
     * In mcl: `"v1.41"`
     */
    readonly apiversion?: Given<string>;
}
/** An image of a container engine. */
export declare function dockerImage(name: string, fields?: DockerImageFields, options?: ResourceOptions): Resource;
/** The fields of `exec`. */
export interface ExecFields {
    /**
     * The command. Without `shell` it is split at white space, with no rules of quoting.
     *
     * In mcl: `"/usr/bin/touch /tmp/done"`
     *
     * When not given, it is the name of the resource.
     */
    readonly cmd?: Given<string>;
    /**
     * The arguments, one each, whatever they contain. `cmd` is then the program alone. Not with `shell`.
     *
     * In mcl: `["-m", "0700", "/srv/a directory"]`
     */
    readonly args?: Given<readonly string[]>;
    /**
     * The directory in which it runs; when not given, that in which mgmt runs.
     *
     * In mcl: `"/srv"`
     */
    readonly cwd?: Given<string>;
    /**
     * The shell that runs it, with `-c`. Without one it is split at white space, with no rules of quoting.
     *
     * In mcl: `"/bin/bash"`
     */
    readonly shell?: Given<string>;
    /**
     * The whole environment of every command of this resource. When not given, it is empty.
     *
     * In mcl: `{"PATH" => "/usr/bin:/bin"}`
     */
    readonly env?: Given<Readonly<Record<string, string>> | ReadonlyMap<string, string>>;
    /**
     * The signal that stops a command whose time is up, to all its processes. SIGTERM when not given.
     *
     * In mcl: `"SIGINT"`
     */
    readonly sig?: Given<string>;
    /**
     * A command that goes on running; with each line that it writes, this resource is looked at again.
     *
     * In mcl: `"/usr/bin/inotifywait --monitor /srv"`
     */
    readonly watchcmd?: Given<string>;
    /** The directory in which it runs; when not given, that in which mgmt runs. */
    readonly watchcwd?: Given<string>;
    /** The shell that runs it, with `-c`. Without one it is split at white space, with no rules of quoting. */
    readonly watchshell?: Given<string>;
    /**
     * Paths; with each change there, this resource is looked at again. A slash at the end includes all below.
     *
     * In mcl: `["/etc/app.conf", "/etc/app.d/"]`
     */
    readonly watchfiles?: Given<readonly string[]>;
    /**
     * A command that decides: `cmd` runs only if this ends with status 0.
     *
     * In mcl: `"/usr/bin/test -e /tmp/wanted"`
     */
    readonly ifcmd?: Given<string>;
    /** The directory in which it runs; when not given, that in which mgmt runs. */
    readonly ifcwd?: Given<string>;
    /** The shell that runs it, with `-c`. Without one it is split at white space, with no rules of quoting. */
    readonly ifshell?: Given<string>;
    /** `cmd` does not run when all that `ifcmd` writes, on stdout and stderr, is exactly this. */
    readonly ifequals?: Given<string>;
    /**
     * `cmd` does not run when what `ifcmd` writes on stdout is exactly this.
     *
     * In mcl: `"up\n"`
     */
    readonly ifequals_stdout?: Given<string>;
    /**
     * A command that decides: `cmd` does not run if this ends with status 0.
     *
     * In mcl: `"/usr/bin/test -e /tmp/done"`
     */
    readonly nifcmd?: Given<string>;
    /** The directory in which it runs; when not given, that in which mgmt runs. */
    readonly nifcwd?: Given<string>;
    /** The shell that runs it, with `-c`. Without one it is split at white space, with no rules of quoting. */
    readonly nifshell?: Given<string>;
    /**
     * A path that `cmd` makes: it does not run when something is there.
     *
     * In mcl: `"/var/lib/app/database"`
     */
    readonly creates?: Given<string>;
    /**
     * Files that must exist; when one is newer than the last run, `cmd` runs whatever the other conditions say.
     *
     * In mcl: `["/etc/app.conf"]`
     */
    readonly mtimes?: Given<readonly string[]>;
    /** A command that runs after `cmd` succeeded and must succeed too. */
    readonly donecmd?: Given<string>;
    /** The directory in which it runs; when not given, that in which mgmt runs. */
    readonly donecwd?: Given<string>;
    /** The shell that runs it, with `-c`. Without one it is split at white space, with no rules of quoting. */
    readonly doneshell?: Given<string>;
    /**
     * The user, by name or number, as whom every command runs, and with whose first group. Needs root.
     *
     * In mcl: `"www-data"`
     */
    readonly user?: Given<string>;
    /** The group, by name or number, with which every command runs instead. Needs root. */
    readonly group?: Given<string>;
    /** What is sent as `output` as long as no run has written anything. */
    readonly send_output?: Given<string>;
    /** What is sent as `stdout` as long as no run has written to it. */
    readonly send_stdout?: Given<string>;
    /** What is sent as `stderr` as long as no run has written to it. */
    readonly send_stderr?: Given<string>;
}
/**
 * A command, run at the start and whenever something happened, if its conditions allow it.
 *
 * Sends `output`, `stdout`, `stderr`.
 */
export declare function exec(name: string, fields?: ExecFields, options?: ResourceOptions): Resource<{
    readonly output: string;
    readonly stdout: string;
    readonly stderr: string;
}>;
/** The fields of `exit`. */
export interface ExitFields {
    /**
     * The exit status of `mgmt run`, from 0 to 125: shells give those above a meaning of their own.
     *
     * In mcl: `1`
     */
    readonly code?: Given<number>;
}
/** The end of the run, in order, with an exit status; after what it depends on. */
export declare function exit(name: string, fields?: ExitFields, options?: ResourceOptions): Resource;
/** The fields of `file`. */
export interface FileFields {
    /**
     * The place, absolute. With a slash at its end it is a directory, else a file or a symbolic link.
     *
     * In mcl: `"/etc/motd"`
     *
     * When not given, it is the name of the resource.
     */
    readonly path?: Given<string> | Sent<string>;
    /**
     * Takes the place of the directory part of `path`. Must end with a slash.
     *
     * In mcl: `"/etc/ssh/"`
     */
    readonly dirname?: Given<string> | Sent<string>;
    /**
     * Takes the place of the last part of `path`. With a slash at its end it names a directory.
     *
     * In mcl: `"sshd_config"`
     */
    readonly basename?: Given<string> | Sent<string>;
    /**
     * Whether it must be there. When not given, what is there is kept in the declared form, but nothing is made or
     * removed: content for a file that is missing is then an error.
     *
     * In mcl: `$const.res.file.state.exists`
     */
    readonly state?: Given<"exists" | "absent"> | Sent<"exists" | "absent">;
    /**
     * What the file must contain, exactly. The empty text is an empty file; not given means any content.
     *
     * In mcl: `"hello world\n"`
     */
    readonly content?: Given<string> | Sent<string>;
    /**
     * A file to copy the content from, or with a slash at its end a directory to copy with everything in it. New copies
     * get the mode of their source. With `symlink` it is the text of the link, which may be relative.
     *
     * In mcl: `"/usr/share/base-files/motd"`
     */
    readonly source?: Given<string> | Sent<string>;
    /**
     * Files whose contents, one after the other, are the content. Of a directory, with a slash at its end, the regular
     * files directly in it are taken in the order of their names.
     *
     * In mcl: `["/etc/app.d/head", "/etc/app.d/parts/"]`
     */
    readonly fragments?: Given<readonly string[]> | Sent<readonly string[]>;
    /**
     * The user who must own it: a name or a number. With `symlink` it is the owner of the link itself.
     *
     * In mcl: `"root"`
     */
    readonly owner?: Given<string> | Sent<string>;
    /**
     * The group it must belong to: a name or a number. With `symlink` it is that of the link itself.
     *
     * In mcl: `"adm"`
     */
    readonly group?: Given<string> | Sent<string>;
    /**
     * The permissions: octal, `0644` or `4755`, or changes to those it has, `u+x,go-w`, with any of `u` `g` `o`, then
     * `+` or `-`, then any of `r` `w` `x` `s` `t`. A link has none of its own: with `symlink` it is the mode of what it
     * leads to, as with `chmod`. What must be absent has none, so it says nothing then, as `owner` and `group`.
     *
     * In mcl: `"0640"`
     */
    readonly mode?: Given<string> | Sent<string>;
    /**
     * Goes into the depth: makes missing parent directories, copies, watches and purges everything below, and lets
     * `absent` remove a directory that is not empty.
     */
    readonly recurse?: Given<boolean> | Sent<boolean>;
    /** Lets a file, directory or symbolic link be removed when one of another sort must be in its place. */
    readonly force?: Given<boolean> | Sent<boolean>;
    /**
     * Removes what is in the directory but neither comes from `source` nor is managed by another file resource. Other
     * file systems mounted inside are left alone. Needs `recurse`.
     */
    readonly purge?: Given<boolean> | Sent<boolean>;
    /** It is a symbolic link whose text is `source`. */
    readonly symlink?: Given<boolean> | Sent<boolean>;
    /**
     * The SELinux context. The empty text takes it away; not given means any.
     *
     * In mcl: `"system_u:object_r:etc_t:s0"`
     */
    readonly selinux?: Given<string> | Sent<string>;
    /**
     * A command that sees new content before it is put in place, with its arguments; `%` among them, or behind a `=`, is
     * the path of a file with the new content. With another status than 0 the old file stays, and this resource fails.
     *
     * In mcl: `["/usr/sbin/sshd", "-t", "-f", "%"]`
     */
    readonly validate?: Given<readonly string[]> | Sent<readonly string[]>;
}
/** A file, a directory or a symbolic link: its content, owner, group and permissions. */
export declare function file(name: string, fields?: FileFields, options?: ResourceOptions): Resource;
/** The fields of `firewalld`. */
export interface FirewalldFields {
    /**
     * The zone; that which is the default if absent.
     *
     * In mcl: `"public"`
     */
    readonly zone?: Given<string>;
    /** Whether they must be let in. Not given: they must. */
    readonly state?: Given<"exists" | "absent">;
    /**
     * Services, by the names that firewalld has for them.
     *
     * In mcl: `["http", "https"]`
     */
    readonly services?: Given<readonly string[]>;
    /**
     * Ports, or ranges of them, with their protocol. One that a range lets in is let in.
     *
     * In mcl: `["8080/tcp", "6000-6010/udp"]`
     */
    readonly ports?: Given<readonly string[]>;
}
/** Services and ports that firewalld lets in. */
export declare function firewalld(name: string, fields?: FirewalldFields, options?: ResourceOptions): Resource;
/** The fields of `fwattr`. */
export interface FwattrFields {
    /**
     * The driver of the kernel, as it is called in /sys/class/firmware-attributes. Not given: the only one.
     *
     * In mcl: `"thinklmi"`
     */
    readonly driver?: Given<string> | Sent<string>;
    /**
     * The setting; the name of the resource if absent.
     *
     * In mcl: `"WakeOnLAN"`
     *
     * When not given, it is the name of the resource.
     */
    readonly key?: Given<string> | Sent<string>;
    /**
     * Its value.
     *
     * In mcl: `"Enable"`
     */
    readonly value?: Given<string> | Sent<string>;
    /** Looks first whether the firmware knows the value. */
    readonly check?: Given<boolean> | Sent<boolean>;
    /**
     * Takes the value exactly as it is written. Without it, `enabled`, `on`, `yes` and the like stand for the word that
     * this firmware has for it, and so do those for the opposite.
     */
    readonly strict?: Given<boolean> | Sent<boolean>;
    /** A machine without this setting, or without such an interface, has nothing to do. */
    readonly skip?: Given<boolean> | Sent<boolean>;
}
/** A setting of the machine's firmware. */
export declare function fwattr(name: string, fields?: FwattrFields, options?: ResourceOptions): Resource;
/** The fields of `fwupd:device`. */
export interface FwupdDeviceFields {
    /**
     * The device, by its number in fwupd or one of its GUIDs; the name of the resource if absent.
     *
     * In mcl: `"b585990a-003e-5270-89d5-3705a17f9a43"`
     *
     * When not given, it is the name of the resource.
     */
    readonly device?: Given<string>;
    /**
     * The version that it has, or will have after the next start.
     *
     * In mcl: `"1.2.4"`
     */
    readonly version?: Given<string>;
    /** Also installs an older version than the device has. */
    readonly allow_downgrade?: Given<boolean>;
}
/** The firmware of one device, by fwupd. */
export declare function fwupdDevice(name: string, fields?: FwupdDeviceFields, options?: ResourceOptions): Resource;
/** The fields of `fwupd:remote`. */
export interface FwupdRemoteFields {
    /** Whether it is used. The name of the resource is that of the remote. Not given: it stays so. */
    readonly enabled?: Given<boolean>;
    /**
     * Its metadata is fetched when it is older than this, as long as it is used. Not given: it is not fetched.
     *
     * In mcl: `"24h"`
     */
    readonly refresh_age?: Given<string>;
}
/** A place from which fwupd has firmware. */
export declare function fwupdRemote(name: string, fields?: FwupdRemoteFields, options?: ResourceOptions): Resource;
/** The fields of `fwupd:system`. */
export interface FwupdSystemFields {
    /** `newest`: every device has the newest firmware that there is for it. */
    readonly state?: Given<"newest">;
    /**
     * Devices that are left alone, by their numbers in fwupd or their GUIDs.
     *
     * In mcl: `["b585990a-003e-5270-89d5-3705a17f9a43"]`
     */
    readonly exclude?: Given<readonly string[]>;
}
/** The newest firmware for every device of the machine, by fwupd. */
export declare function fwupdSystem(name: string, fields?: FwupdSystemFields, options?: ResourceOptions): Resource;
/** The fields of `git`. */
export interface GitFields {
    /**
     * The directory of the working tree, absolute. It is made if it is missing.
     *
     * In mcl: `"/srv/site/"`
     *
     * When not given, it is the name of the resource.
     */
    readonly path?: Given<string>;
    /**
     * The repository: a URL, a place that SSH can reach, or the absolute path of one on this machine.
     *
     * In mcl: `"https://example.com/site.git"`
     */
    readonly url?: Given<string>;
    /**
     * The branch, tag or commit that must be checked out. If absent, the branch that the repository begins with.
     *
     * In mcl: `"main"`
     */
    readonly revision?: Given<string>;
    /** What becomes of changes that somebody has made in the tree: they are told and left alone, or they are undone. */
    readonly changes?: Given<"refuse" | "reset">;
    /** Removes files that are not in the repository, unless it says that they are to be ignored. */
    readonly clean?: Given<boolean>;
    /**
     * How many commits of the past are fetched; all of them if absent.
     *
     * In mcl: `1`
     */
    readonly depth?: Given<number>;
    /** Checks out submodules as well, and theirs. */
    readonly submodules?: Given<boolean>;
    /**
     * The user as whom git runs, and to whom the tree and the files of the repository in it belong. Git works in no tree
     * of another one: what root has made there is given back, what anybody else has put into `.git` is told and left
     * alone.
     *
     * In mcl: `"www-data"`
     */
    readonly user?: Given<string>;
    /**
     * The group with which git runs, and to which the tree belongs; if absent, the first group of the user for what is
     * made.
     */
    readonly group?: Given<string>;
    /**
     * The file with the private key for SSH. No password is ever asked for.
     *
     * In mcl: `"/etc/keys/deploy"`
     */
    readonly key?: Given<string>;
}
/**
 * A working tree of git at a branch, tag or commit of a repository.
 *
 * Sends `commit`.
 */
export declare function git(name: string, fields?: GitFields, options?: ResourceOptions): Resource<{
    readonly commit: string;
}>;
/** The fields of `group`. */
export interface GroupFields {
    /** Whether it must be there. Not given: it must. */
    readonly state?: Given<"exists" | "absent">;
    /**
     * Its number. Not given: any.
     *
     * In mcl: `2001`
     */
    readonly gid?: Given<number>;
    /** Takes a new group's number from those of the system. No change for one that is there. */
    readonly system?: Given<boolean>;
}
/** A group of users of this machine. */
export declare function group(name: string, fields?: GroupFields, options?: ResourceOptions): Resource;
/** The fields of `gsettings`. */
export interface GsettingsFields {
    /**
     * The schema; one that can be in several places has its place after a colon. If absent, the first word of the name.
     *
     * In mcl: `"org.gnome.desktop.interface"`
     */
    readonly schema?: Given<string>;
    /**
     * The key in the schema. If absent, the second word of the name.
     *
     * In mcl: `"clock-format"`
     */
    readonly key?: Given<string>;
    /**
     * Of which sort the value is; if absent, it is told from the value. `custom` is a str in the text form of gsettings,
     * for lists and the like.
     */
    readonly type?: Given<"bool" | "str" | "int" | "custom">;
    /**
     * The value that it must have.
     *
     * In mcl: `"24h"`
     */
    readonly value?: Given<AnyValue>;
    /** The user whose setting it is, by name or number; if absent, whom mgmt runs as. */
    readonly user?: Given<string>;
    /** The group with which the program runs; if absent, the first group of the user. */
    readonly group?: Given<string>;
}
/** A setting of a user's desktop and its programs, as `gsettings` sets it. */
export declare function gsettings(name: string, fields?: GsettingsFields, options?: ResourceOptions): Resource;
/** The fields of `gzip`. */
export interface GzipFields {
    /**
     * The compressed file; the name of the resource if absent.
     *
     * When not given, it is the name of the resource.
     */
    readonly path?: Given<string>;
    /**
     * The file to compress.
     *
     * In mcl: `"/var/backups/site.sql"`
     */
    readonly input?: Given<string>;
    /** What to compress, without `input`. */
    readonly content?: Given<string>;
    /**
     * From `0`, not compressed, to `9`, the smallest; `-1` is the usual one, `-2` the quickest that saves anything.
     *
     * In mcl: `$const.res.gzip.level.best_compression`
     */
    readonly level?: Given<number>;
}
/** A file with the compressed content of another one, or of a text. */
export declare function gzip(name: string, fields?: GzipFields, options?: ResourceOptions): Resource;
/** The fields of `hetzner:vm`. */
export interface HetznerVmFields {
    /** What Hetzner Cloud knows us by: a token that may read and write. Never shown. */
    readonly apitoken?: Given<string>;
    /** Whether there is such a server, and whether it runs. Not given: it is neither made, removed, started nor stopped. */
    readonly state?: Given<"exists" | "running" | "off" | "absent">;
    /**
     * What is done with a server of another type, place or image: `ignore` leaves it, `ifneeded` changes its type,
     * installs its image or makes it anew, which loses what is on it. Not given: a failure.
     */
    readonly allowrebuild?: Given<"ignore" | "ifneeded">;
    /**
     * The type of the server.
     *
     * In mcl: `"cx22"`
     */
    readonly servertype?: Given<string>;
    /**
     * Where the server is: a datacenter or a location. Not given: anywhere.
     *
     * In mcl: `"fsn1"`
     */
    readonly datacenter?: Given<string>;
    /**
     * What the server is made from.
     *
     * In mcl: `"debian-12"`
     */
    readonly image?: Given<string>;
    /** What the server finds at its first start, for cloud-init; 32 KiB at most. Never shown. */
    readonly userdata?: Given<string>;
    /** The rescue system that the server starts the next time. Not given: none. */
    readonly serverrescuemode?: Given<"linux32" | "linux64" | "freebsd64">;
    /**
     * SSH keys of the project that may log in to the rescue system, by name or number.
     *
     * In mcl: `["admin"]`
     */
    readonly serverrescuekeys?: Given<readonly string[]>;
    /** Seconds between two questions whether a change is done. */
    readonly waitinterval?: Given<number>;
    /** Seconds that a change may take. */
    readonly waittimeout?: Given<number>;
}
/** A server of Hetzner Cloud. */
export declare function hetznerVm(name: string, fields?: HetznerVmFields, options?: ResourceOptions): Resource;
/** The fields of `hostname`. */
export interface HostnameFields {
    /**
     * The name, for all three that are not given by themselves; the name of the resource if absent.
     *
     * In mcl: `"web1.example.com"`
     *
     * When not given, it is the name of the resource.
     */
    readonly hostname?: Given<string>;
    /**
     * The name for people. `""` leaves it alone.
     *
     * In mcl: `"Front door"`
     */
    readonly pretty_hostname?: Given<string>;
    /** The name with which the machine starts. `""` leaves it alone. */
    readonly static_hostname?: Given<string>;
    /** The name that the machine has now. `""` leaves it alone. */
    readonly transient_hostname?: Given<string>;
}
/** The name of this machine: now, when it starts, and for people. */
export declare function hostname(name: string, fields?: HostnameFields, options?: ResourceOptions): Resource;
/** The fields of `http:client`. */
export interface HttpClientFields {
    /**
     * Where what is downloaded is put: the absolute path of a file. If it is absent and the name is no such path, a
     * private place is used; the content is sent all the same.
     *
     * In mcl: `"/var/cache/app.tar.gz"`
     *
     * When not given, it is the name of the resource.
     */
    readonly file?: Given<string>;
    /**
     * The method of the request, in capitals.
     *
     * In mcl: `"POST"`
     */
    readonly method?: Given<string>;
    /**
     * What is asked for, with http or https.
     *
     * In mcl: `"https://example.com/app.tar.gz"`
     */
    readonly url?: Given<string>;
    /**
     * What is sent with the request.
     *
     * In mcl: `"query=1"`
     */
    readonly body?: Given<string>;
    /** Asks only for what is newer than the file, or another version than the one that was downloaded. */
    readonly mtime_check?: Given<boolean>;
    /** The SHA-256 that the content must have, in hexadecimal digits. A file that has it is not asked for again. */
    readonly sha256?: Given<string>;
    /** Keeps a request open that the server answers when there is something new. Needs one of the next two. */
    readonly longpoll?: Given<boolean>;
    /** The server redirects to the place that is waited at. */
    readonly longpoll_redirect?: Given<boolean>;
    /** The server is asked to wait for 60 s, with a `Prefer` header, when there is nothing new. */
    readonly longpoll_conditional?: Given<boolean>;
}
/**
 * A file with what a server has at a URL: downloaded, checked, and kept as it is there.
 *
 * Sends `content`.
 */
export declare function httpClient(name: string, fields?: HttpClientFields, options?: ResourceOptions): Resource<{
    readonly content: string;
}>;
/** The fields of `http:server`. */
export interface HttpServerFields {
    /**
     * Where it listens: a literal address and a port, or a port alone behind a colon for all addresses.
     *
     * In mcl: `"127.0.0.1:8080"`
     *
     * When not given, it is the name of the resource.
     */
    readonly address?: Given<string>;
    /**
     * Seconds for each of the three below that is not given.
     *
     * In mcl: `30`
     */
    readonly timeout?: Given<number | bigint>;
    /**
     * Seconds that a whole request may take.
     *
     * In mcl: `30`
     */
    readonly read_timeout?: Given<number | bigint>;
    /**
     * Seconds that a whole answer may take.
     *
     * In mcl: `30`
     */
    readonly write_timeout?: Given<number | bigint>;
    /**
     * Seconds that answers under way get at the end. Not given: they are cut off.
     *
     * In mcl: `30`
     */
    readonly shutdown_timeout?: Given<number | bigint>;
    /**
     * A directory whose files are served where no member answers; ends with `/`.
     *
     * In mcl: `"/srv/www/"`
     */
    readonly root?: Given<string>;
}
/** A web server; what it serves are the resources `http:server:file` and others that name it. */
export declare function httpServer(name: string, fields?: HttpServerFields, options?: ResourceOptions): Resource;
/** The fields of `http:server:file`. */
export interface HttpServerFileFields {
    /**
     * The name of the `http:server`. Not given: any.
     *
     * In mcl: `":8080"`
     */
    readonly server?: Given<string> | Sent<string>;
    /**
     * The path in the URL; for a directory what it begins with.
     *
     * In mcl: `"/motd"`
     *
     * When not given, it is the name of the resource.
     */
    readonly filename?: Given<string> | Sent<string>;
    /**
     * A file on the disk; a directory ends with `/`, and so does `filename` then.
     *
     * In mcl: `"/etc/motd"`
     */
    readonly path?: Given<string> | Sent<string>;
    /**
     * The content, instead of a file.
     *
     * In mcl: `"hello\n"`
     */
    readonly data?: Given<string> | Sent<string>;
    /** Who asks with a condition (`If-Modified-Since`, `If-None-Match`) is answered when the content is another one. */
    readonly longpoll?: Given<boolean> | Sent<boolean>;
    /**
     * What whoever asks must show: as `Authorization: Bearer TOKEN`, as `?token=TOKEN`, or as the field `token` of a
     * form. At least 16 characters that nobody can guess. Not given: nothing. Never shown.
     *
     * In mcl: `"6f1c0a52c1d44d1f9ef0a3d2b2a5c9e1"`
     */
    readonly token?: Given<string> | Sent<string>;
    /** How often the token is good, over restarts too; another token begins anew. 0: always. */
    readonly uses?: Given<number | bigint> | Sent<number | bigint>;
}
/** A file, a directory or a text that a web server serves. */
export declare function httpServerFile(name: string, fields?: HttpServerFileFields, options?: ResourceOptions): Resource;
/** The fields of `http:server:flag`. */
export interface HttpServerFlagFields {
    /**
     * The name of the `http:server`. Not given: any.
     *
     * In mcl: `":8080"`
     */
    readonly server?: Given<string>;
    /**
     * The path in the URL that is posted to.
     *
     * In mcl: `"/done"`
     *
     * When not given, it is the name of the resource.
     */
    readonly path?: Given<string>;
    /**
     * The field of the form whose value is taken. Several flags may have one path, each with its key.
     *
     * In mcl: `"state"`
     */
    readonly key?: Given<string>;
    /**
     * What whoever asks must show: as `Authorization: Bearer TOKEN`, as `?token=TOKEN`, or as the field `token` of a
     * form. At least 16 characters that nobody can guess. Not given: nothing. Never shown.
     *
     * In mcl: `"6f1c0a52c1d44d1f9ef0a3d2b2a5c9e1"`
     */
    readonly token?: Given<string>;
    /** How often the token is good, over restarts too; another token begins anew. 0: always. */
    readonly uses?: Given<number | bigint>;
}
/**
 * A value that somebody posts to a web server as a form; others can receive it.
 *
 * Sends `value`.
 */
export declare function httpServerFlag(name: string, fields?: HttpServerFlagFields, options?: ResourceOptions): Resource<{
    readonly value: string;
}>;
/** The fields of `http:server:invitation`. */
export interface HttpServerInvitationFields {
    /**
     * The name of the `http:server`. Not given: any.
     *
     * In mcl: `":8080"`
     */
    readonly server?: Given<string>;
    /**
     * The path in the URL.
     *
     * In mcl: `"/invitation/web1"`
     *
     * When not given, it is the name of the resource.
     */
    readonly path?: Given<string>;
    /**
     * The name of the host that it lets in.
     *
     * In mcl: `"web1"`
     */
    readonly hostname?: Given<string>;
    /**
     * Where that host finds this one: an address, and a port behind a colon if it is another one than 2381. Not given:
     * where hosts are let in here.
     *
     * In mcl: `"192.168.42.1"`
     */
    readonly entrance?: Given<string>;
    /**
     * What whoever asks must show: as `Authorization: Bearer TOKEN`, as `?token=TOKEN`, or as the field `token` of a
     * form. At least 16 characters that nobody can guess. Not given: nothing. Never shown.
     *
     * In mcl: `"6f1c0a52c1d44d1f9ef0a3d2b2a5c9e1"`
     */
    readonly token?: Given<string>;
    /** How often the token is good, over restarts too; another token begins anew. 0: always. */
    readonly uses?: Given<number | bigint>;
    /** Minutes within which the invitation must be used. */
    readonly valid?: Given<number | bigint>;
}
/** An invitation into the cluster, made for one host when it asks a web server for it. */
export declare function httpServerInvitation(name: string, fields?: HttpServerInvitationFields, options?: ResourceOptions): Resource;
/** The fields of `http:server:proxy`. */
export interface HttpServerProxyFields {
    /**
     * The name of the `http:server`. Not given: any.
     *
     * In mcl: `":8080"`
     */
    readonly server?: Given<string>;
    /**
     * The path in the URL; with `/` at its end, what it begins with.
     *
     * In mcl: `"/debian/"`
     *
     * When not given, it is the name of the resource.
     */
    readonly path?: Given<string>;
    /**
     * What is taken off the front of the path before it is put behind `head`.
     *
     * In mcl: `"/debian/"`
     */
    readonly sub?: Given<string>;
    /**
     * The URL of the mirror; ends with `/`. Not given: what is in the cache is all there is.
     *
     * In mcl: `"https://deb.example.org/debian/"`
     */
    readonly head?: Given<string>;
    /**
     * A directory in which is kept what was fetched, under the names that are behind `path`. Not given: nothing is kept.
     *
     * In mcl: `"/var/cache/mirror/debian/"`
     */
    readonly cache?: Given<string>;
    /**
     * How much is kept, in bytes or with KiB, MiB, GiB or TiB: what was not asked for the longest goes first. Not given:
     * everything.
     *
     * In mcl: `"50GiB"`
     */
    readonly limit?: Given<string>;
    /**
     * Seconds for which the mirror is not asked again whether something has changed. Packages, and index files with
     * their digest as the name, never do.
     */
    readonly age?: Given<number | bigint>;
    /**
     * What else never changes, behind `path`; `*` stands for anything.
     *
     * In mcl: `["images/1.2/*"]`
     */
    readonly immutable?: Given<readonly string[]>;
}
/** What a mirror has, served through a cache: fetched once, however many machines ask. */
export declare function httpServerProxy(name: string, fields?: HttpServerProxyFields, options?: ResourceOptions): Resource;
/** The fields of `http:server:report`. */
export interface HttpServerReportFields {
    /**
     * The name of the `http:server`. Not given: any.
     *
     * In mcl: `":8080"`
     */
    readonly server?: Given<string>;
    /**
     * The path in the URL that is asked for or posted to.
     *
     * In mcl: `"/hello"`
     *
     * When not given, it is the name of the resource.
     */
    readonly path?: Given<string>;
    /**
     * The field that tells clients apart: a later report with the same one takes the place of the former.
     *
     * In mcl: `"serial"`
     */
    readonly key?: Given<string>;
    /** What the key must be: any text, or a hardware address, which is kept in lower case with colons. */
    readonly key_is?: Given<"text" | "mac">;
    /**
     * The other fields that are kept.
     *
     * In mcl: `["vendor", "product"]`
     */
    readonly fields?: Given<readonly string[]>;
    /**
     * What is answered, instead of a short text.
     *
     * In mcl: `"#!ipxe\nsleep 10\n"`
     */
    readonly data?: Given<string>;
    /** How many reports are kept. More are refused until one is forgotten. */
    readonly most?: Given<number | bigint>;
    /** Characters that are kept of each value. */
    readonly longest?: Given<number | bigint>;
    /** Seconds after which a client that has not told anything any more is forgotten. */
    readonly forget?: Given<number | bigint>;
}
/**
 * What clients tell of themselves in a form, one report of each; others can receive all of them.
 *
 * Sends `reports`.
 */
export declare function httpServerReport(name: string, fields?: HttpServerReportFields, options?: ResourceOptions): Resource<{
    readonly reports: readonly (Readonly<Record<string, string>> | ReadonlyMap<string, string>)[];
}>;
/** The fields of `http:server:ui`. */
export interface HttpServerUiFields {
    /**
     * The name of the `http:server`. Not given: any.
     *
     * In mcl: `":8080"`
     */
    readonly server?: Given<string>;
    /**
     * The path in the URL; it ends with `/`.
     *
     * In mcl: `"/ui/"`
     *
     * When not given, it is the name of the resource.
     */
    readonly path?: Given<string>;
    /**
     * The title of the page, and HTML that is put into its head.
     *
     * In mcl: `struct{title => "Machines", head => ""}`
     */
    readonly data?: Given<{
        readonly title: string;
        readonly head: string;
    }>;
}
/** A form in a web browser whose values others can receive. */
export declare function httpServerUi(name: string, fields?: HttpServerUiFields, options?: ResourceOptions): Resource;
/** The fields of `http:server:ui:input`. */
export interface HttpServerUiInputFields {
    /**
     * The name of the `http:server:ui`. Not given: any.
     *
     * In mcl: `"/ui/"`
     */
    readonly path?: Given<string>;
    /**
     * What it is called in the form.
     *
     * In mcl: `"count"`
     *
     * When not given, it is the name of the resource.
     */
    readonly id?: Given<string>;
    /**
     * Its value until somebody enters another one.
     *
     * In mcl: `"3"`
     */
    readonly value?: Given<string>;
    /**
     * Where the value is kept and may be changed by others: `local://?key=K` for this machine, `world://?key=K` for the
     * cluster. Not given: with the resource, as long as the run.
     *
     * In mcl: `"world://?key=count"`
     */
    readonly store?: Given<string>;
    /**
     * What is entered: `text://`, or a number on a slider, `range://?min=0&max=5&step=1`.
     *
     * In mcl: `"range://?min=0&max=5&step=1"`
     */
    readonly type?: Given<string>;
    /** Elements are shown in the order of these texts, then of their names. */
    readonly sort?: Given<string>;
}
/**
 * An element of a form in a web browser; others can receive what is entered.
 *
 * Sends `value`.
 */
export declare function httpServerUiInput(name: string, fields?: HttpServerUiInputFields, options?: ResourceOptions): Resource<{
    readonly value: string;
}>;
/** The fields of `json:edit`. */
export interface JsonEditFields {
    /**
     * The document: the absolute path of a file, or a URL such as `file:///etc/app.json`. The file must be there. With
     * `etcd:///key` it is the text that all hosts share under that key; without one the document is empty.
     *
     * In mcl: `"/etc/docker/daemon.json"`
     *
     * When not given, it is the name of the resource.
     */
    readonly store?: Given<string>;
    /**
     * What must be in it, in this order: `.a.b = VALUE` sets a member, `del(.a.b)` removes one. VALUE is JSON. A key
     * that is no plain word is written `.a["x y"]`. Objects above the member are made.
     *
     * In mcl: `[".log.level = 3", "del(.debug)"]`
     */
    readonly edits?: Given<readonly string[]>;
}
/** Members of a JSON document, in a file or shared by all hosts; the rest of the document is left as it is. */
export declare function jsonEdit(name: string, fields?: JsonEditFields, options?: ResourceOptions): Resource;
/** The fields of `kv`. */
export interface KvFields {
    /**
     * The key; the name of the resource when not given.
     *
     * In mcl: `"leader"`
     *
     * When not given, it is the name of the resource.
     */
    readonly key?: Given<string> | Sent<string>;
    /**
     * The text. Not given: there is none, and what is there is removed.
     *
     * In mcl: `"web1"`
     */
    readonly value?: Given<string> | Sent<string>;
    /**
     * Each host has a text of its own under the key, which `world.kvlookup` reads. Without it there is one of all hosts,
     * which `world.getval` reads.
     */
    readonly mapped?: Given<boolean> | Sent<boolean>;
    /** A text that is greater than ours stays as it is, unless another resource refreshes this one. */
    readonly skiplessthan?: Given<boolean> | Sent<boolean>;
    /** How `skiplessthan` compares: `0` as integers, `1` as texts, byte by byte. */
    readonly skipcmpstyle?: Given<number> | Sent<number>;
}
/** A text under a key that all hosts of the cluster can read. */
export declare function kv(name: string, fields?: KvFields, options?: ResourceOptions): Resource;
/** The fields of `line`. */
export interface LineFields {
    /**
     * The file: an absolute path, `~/x` in the home directory of whom this runs as, or `~alice/x` in that of alice.
     *
     * In mcl: `"/etc/hosts"`
     */
    readonly file?: Given<string>;
    /** Whether the line is to be there. */
    readonly state?: Given<"exists" | "absent">;
    /**
     * The line. Several lines are looked for and added together. Without it there is nothing to do.
     *
     * In mcl: `"192.0.2.7 db1"`
     */
    readonly content?: Given<string>;
    /** Takes white space away at both ends of `content`. */
    readonly trim?: Given<boolean>;
}
/** A line in a file, or several lines that follow each other; the rest of the file is left as it is. */
export declare function line(name: string, fields?: LineFields, options?: ResourceOptions): Resource;
/** The fields of `mount`. */
export interface MountFields {
    /** Whether it must be there. Not given: it must. */
    readonly state?: Given<"exists" | "absent">;
    /**
     * What is mounted: a device, `UUID=`, `LABEL=`, `PARTUUID=` or `PARTLABEL=`, a directory with `bind`, a share, a
     * word.
     *
     * In mcl: `"UUID=0a3407de-014b-458b-b5c1-848e92a327a3"`
     */
    readonly device?: Given<string>;
    /**
     * The type of the file system, or `auto`. With `bind` it may be left out.
     *
     * In mcl: `"ext4"`
     */
    readonly type?: Given<string>;
    /**
     * Options with their values, which are empty for those that have none. With `defaults` alone the options of what is
     * mounted are left as they are. With `noauto` nothing is mounted by itself.
     *
     * In mcl: `{"noatime" => "", "size" => "64m"}`
     */
    readonly options?: Given<Readonly<Record<string, string>> | ReadonlyMap<string, string>>;
    /** How often `dump` keeps a copy, in days. */
    readonly freq?: Given<number>;
    /** When it is checked at the start; 0: not. */
    readonly passno?: Given<number>;
}
/** A file system that is mounted at the directory that is the name of the resource, now and at the next start. */
export declare function mount(name: string, fields?: MountFields, options?: ResourceOptions): Resource;
/** The fields of `msg`. */
export interface MsgFields {
    /**
     * The text of the message.
     *
     * In mcl: `"the disk is nearly full"`
     */
    readonly body?: Given<string>;
    /**
     * How urgent it is. Must be given.
     *
     * In mcl: `"Warning"`
     */
    readonly priority?: Given<"Emerg" | "Alert" | "Crit" | "Err" | "Warning" | "Notice" | "Info" | "Debug">;
    /**
     * More fields of the journal entry. Their names are capital letters, digits and underscores.
     *
     * In mcl: `{"SERVICE" => "backup"}`
     */
    readonly fields?: Given<Readonly<Record<string, string>> | ReadonlyMap<string, string>>;
    /** Sends it to the systemd journal too. */
    readonly journal?: Given<boolean>;
    /** Sends it to syslog too. */
    readonly syslog?: Given<boolean>;
}
/** A message with a priority, told once and again on each refresh; to the journal and to syslog when asked. */
export declare function msg(name: string, fields?: MsgFields, options?: ResourceOptions): Resource;
/** The fields of `net`. */
export interface NetFields {
    /**
     * Whether it is switched on, now and at the next start. Not given: both are left as they are.
     *
     * In mcl: `$const.res.net.state.up`
     */
    readonly state?: Given<"up" | "down">;
    /**
     * All its addresses, with the length of the network part. Those that IPv6 makes for the link itself may stay.
     *
     * In mcl: `["192.0.2.5/24", "2001:db8::5/64"]`
     */
    readonly addrs?: Given<readonly string[]>;
    /**
     * Where packets go for which there is no other route. Takes the place of every other gateway at this interface.
     *
     * In mcl: `"192.0.2.1"`
     */
    readonly gateway?: Given<string>;
    /** Whether IPv4 packets that come in here are passed on to other networks. */
    readonly ip_forward?: Given<boolean>;
    /**
     * Networks, and the gateway behind which each is; an empty one for a network that is at the interface itself. Other
     * routes stay.
     *
     * In mcl: `{"198.51.100.0/24" => "192.0.2.254"}`
     */
    readonly routes?: Given<Readonly<Record<string, string>> | ReadonlyMap<string, string>>;
    /**
     * The largest packet, in bytes. 0: as it is.
     *
     * In mcl: `1500`
     */
    readonly mtu?: Given<number>;
    /** With `up`: writes a file for systemd-networkd, for the next start. Otherwise there must be none. */
    readonly persist?: Given<boolean>;
}
/** A network interface: whether it is on, its addresses, gateway and routes. */
export declare function net(name: string, fields?: NetFields, options?: ResourceOptions): Resource;
/** The fields of `nftables`. */
export interface NftablesFields {
    /** Whether it must be there. Not given: it must. */
    readonly state?: Given<"exists" | "absent">;
    /** Which packets it sees. */
    readonly family?: Given<"inet" | "ip" | "ip6" | "arp" | "bridge" | "netdev">;
    /**
     * Its name; that of the resource if absent.
     *
     * In mcl: `"web"`
     *
     * When not given, it is the name of the resource.
     */
    readonly table?: Given<string>;
    /**
     * What stands between its braces: chains, sets and maps, as nft(8) has them. It is loaded in one piece or not at
     * all.
     *
     * In mcl: `"chain input { type filter hook input priority 0; tcp dport 22 accept; }"`
     */
    readonly content?: Given<string>;
}
/** A table of the packet filter, with exactly the chains, sets and rules that are declared. */
export declare function nftables(name: string, fields?: NftablesFields, options?: ResourceOptions): Resource;
/** The fields of `noop`. */
export interface NoopFields {
    /** A note for the reader of the program. */
    readonly comment?: Given<string>;
}
/** Does nothing; a place where edges meet. It passes a refresh on to those it notifies. */
export declare function noop(name: string, fields?: NoopFields, options?: ResourceOptions): Resource;
/** The fields of `nspawn`. */
export interface NspawnFields {
    /** Whether it runs. */
    readonly state?: Given<"running" | "stopped">;
}
/** A container of systemd-nspawn: it runs or not. */
export declare function nspawn(name: string, fields?: NspawnFields, options?: ResourceOptions): Resource;
/** The fields of `password`. */
export interface PasswordFields {
    /** How many letters it has. */
    readonly length?: Given<number>;
    /**
     * Keeps it in the state directory, for root alone. Otherwise only its hash is kept: after a restart `hash` is sent,
     * but no `password`, so a field that receives that counts as not given.
     */
    readonly saved?: Given<boolean>;
    /** Generates another one when what is kept is no such password, instead of failing. */
    readonly check_recovery?: Given<boolean>;
    /** Of the hash that it sends. */
    readonly format?: Given<"sha512" | "yescrypt">;
    /**
     * What the hash costs: rounds for sha512, 5000 if not given; a step from 1 to 11 for yescrypt, 5 if not given.
     *
     * In mcl: `10000`
     */
    readonly cost?: Given<number>;
}
/**
 * A password that is generated once, and sent with its hash to whoever needs it.
 *
 * Sends `password`, `hash`.
 */
export declare function password(name: string, fields?: PasswordFields, options?: ResourceOptions): Resource<{
    readonly password: string;
    readonly hash: string;
}>;
/** The fields of `pkg`. */
export interface PkgFields {
    /**
     * `installed` in any version, `newest`, `uninstalled`, or the exact version that must be there.
     *
     * In mcl: `"newest"`
     */
    readonly state?: Given<string>;
    /** An exact version may be older than the one that is installed. */
    readonly allowdowngrade?: Given<boolean>;
    /** Packages and sources need no valid signature. */
    readonly allowuntrusted?: Given<boolean>;
    /**
     * The package may come from a part of the distribution for what is not free. Debian's `contrib` and `non-free`, for
     * example.
     */
    readonly allownonfree?: Given<boolean>;
    /**
     * The package may come from a source that is not the distribution's own, where the package manager tells sources
     * apart.
     */
    readonly allowunsupported?: Given<boolean>;
    /** With `uninstalled`: its configuration goes too, also that which was left behind earlier. */
    readonly purge?: Given<boolean>;
    /** The package stays at its version, whatever else is upgraded; `false` lets it go. When not given, that is as it is. */
    readonly hold?: Given<boolean>;
    /**
     * A file with the package, instead of the sources of this machine. The version in the file is then the one that must
     * be there.
     *
     * In mcl: `"/srv/packages/agent_2.1_amd64.deb"`
     */
    readonly source?: Given<string>;
}
/** A package of the distribution, in some version or not at all. */
export declare function pkg(name: string, fields?: PkgFields, options?: ResourceOptions): Resource;
/** The fields of `print`. */
export interface PrintFields {
    /**
     * The text. A new text is printed, the same one is not printed again.
     *
     * In mcl: `"hello"`
     */
    readonly msg?: Given<string> | Sent<string>;
    /** Prints only when a resource that notifies this one has changed something. */
    readonly refresh_only?: Given<boolean> | Sent<boolean>;
}
/** A message for whoever runs the program, printed when it is new. */
export declare function print(name: string, fields?: PrintFields, options?: ResourceOptions): Resource;
/** The fields of `remote`. */
export interface RemoteFields {
    /**
     * The other machine: `[ssh://][USER[:PASSWORD]@]HOST[:PORT]`; the name of the resource when not given. Without a
     * user it is root. Never shown.
     *
     * In mcl: `"ssh://root@web1.example.com:22"`
     *
     * When not given, it is the name of the resource.
     */
    readonly remote?: Given<string>;
    /**
     * The name of that host in the cluster. Not given: it is asked for its own.
     *
     * In mcl: `"web1"`
     */
    readonly hostname?: Given<string>;
    /** Whether mgmt runs there. */
    readonly state?: Given<"running" | "stopped">;
    /**
     * The file of the private key to be let in with. Not given: all `~/.ssh/id_*` and those of the SSH agent; empty:
     * none.
     *
     * In mcl: `"~/.ssh/deploy"`
     */
    readonly ssh_id?: Given<string>;
    /**
     * The key that the other machine must have, in Base64. Not given: as `known_hosts` says.
     *
     * In mcl: `"AAAAC3NzaC1lZDI1NTE5AAAAIAcZcUjfTZBFx5zaxaZzD7yRdMkjmvyO3fq9fhHsLwcO"`
     */
    readonly hostkey?: Given<string>;
    /** Asks for a password at the terminal when nothing else lets us in. */
    readonly interactive?: Given<boolean>;
    /** How many seconds the person has for each answer; `0`: as many as it takes. */
    readonly interactive_timeout?: Given<number>;
    /** How often the person is asked; `0`: three times. */
    readonly max_password_tries?: Given<number>;
    /** Lets a password stand in `remote`. */
    readonly allow_cleartext_password?: Given<boolean>;
    /**
     * What was copied stays there, in `/var/lib/mgmt/remote/`, so that it is copied once. Otherwise it goes into
     * `~/.mgmt/remote/` and is removed afterwards.
     */
    readonly caching?: Given<boolean>;
    /**
     * The resource lasts until mgmt there has ended, and ends it with this run. Otherwise mgmt there is started and left
     * running.
     */
    readonly transient?: Given<boolean>;
    /**
     * Leads mgmt there to the store of the cluster through the SSH connection; needs `transient`. Otherwise it must
     * reach it by itself.
     */
    readonly tunnelled?: Given<boolean>;
    /**
     * Where the tunnel begins on the other machine; port `0`: any that is free.
     *
     * In mcl: `"127.0.0.1:0"`
     */
    readonly tunnel_addr?: Given<string>;
    /** Installs what mgmt needs there, with dnf, yum or apt-get, if it does not start without. */
    readonly install_deps?: Given<boolean>;
    /**
     * Ends mgmt there when it has been as declared for so many seconds; needs `transient`. Not given: as this run, if it
     * ends so itself.
     *
     * In mcl: `5`
     */
    readonly converger_timeout?: Given<number>;
}
/** Another machine that is reached over SSH: mgmt runs there what this run runs, without being installed. */
export declare function remote(name: string, fields?: RemoteFields, options?: ResourceOptions): Resource;
/** The fields of `schedule`. */
export interface ScheduleFields {
    /**
     * The name of the schedule, as in `world.schedule`; the name of the resource when not given.
     *
     * In mcl: `"backup"`
     *
     * When not given, it is the name of the resource.
     */
    readonly namespace?: Given<string>;
    /**
     * `rr`: who comes first is chosen and stays so; `alpha`: the first by their names. Of what several hosts say, the
     * last counts. `rr` when nobody says it.
     *
     * In mcl: `"rr"`
     */
    readonly strategy?: Given<"rr" | "alpha">;
    /**
     * How many hosts are chosen at the most; 1 when nobody says it. Not above 0 is as if not given.
     *
     * In mcl: `3`
     */
    readonly max?: Given<number>;
    /** The host can be chosen even while it is not there, until it withdraws. */
    readonly persist?: Given<boolean>;
    /**
     * For how many seconds the host can still be chosen after it has gone, also when it was stopped in order. When not
     * given, one that stops goes at once, and one that is lost after 10 seconds. Not above 0 is as if not given.
     *
     * In mcl: `60`
     */
    readonly ttl?: Given<number>;
    /** The host cannot be chosen. */
    readonly withdraw?: Given<boolean>;
}
/** This host can be chosen, of all hosts that share the schedule; `world.schedule` tells who is. */
export declare function schedule(name: string, fields?: ScheduleFields, options?: ResourceOptions): Resource;
/** The fields of `ssh:authorized_key`. */
export interface SshAuthorizedKeyFields {
    /** Whether the key is to let somebody in. */
    readonly state?: Given<"exists" | "absent">;
    /** The file, absolute or with `~/` for the home directory of `user`. Not given: `~/.ssh/authorized_keys`. */
    readonly file?: Given<string>;
    /**
     * Whose file it is: new files and directories belong to this user. Not given: whom this runs as.
     *
     * In mcl: `"alice"`
     */
    readonly user?: Given<string>;
    /** The whole line, as in a `.pub` file. Not given: `type` and `key`, else the name. */
    readonly content?: Given<string>;
    /**
     * What the key may be used for, with `type` and `key`.
     *
     * In mcl: `["no-pty", "from=\"192.0.2.0/24\""]`
     */
    readonly options?: Given<readonly string[]>;
    /**
     * The type of the key.
     *
     * In mcl: `"ssh-ed25519"`
     */
    readonly type?: Given<string>;
    /** The key in base64, with `type`. */
    readonly key?: Given<string>;
    /**
     * Whose key it is, for people; with `type` and `key`.
     *
     * In mcl: `"alice@laptop"`
     */
    readonly comment?: Given<string>;
    /** Makes the directory of the file, for its user alone, when it is missing. */
    readonly mkdir?: Given<boolean>;
}
/** A public key with which somebody may log in as a user of this machine. */
export declare function sshAuthorizedKey(name: string, fields?: SshAuthorizedKeyFields, options?: ResourceOptions): Resource;
/** The fields of `svc`. */
export interface SvcFields {
    /**
     * Whether it runs. Not given: that is left as it is.
     *
     * In mcl: `"running"`
     */
    readonly state?: Given<"running" | "stopped">;
    /**
     * Whether it starts with the machine; what is `masked` nothing can start. Not given: that is left as it is.
     *
     * In mcl: `"enabled"`
     */
    readonly startup?: Given<"enabled" | "disabled" | "masked">;
    /**
     * What a resource that notifies it makes it do, when it runs: read its settings again, or restart if it cannot do
     * that; or always restart, for what it reads only when it starts.
     *
     * In mcl: `"restart"`
     */
    readonly refresh?: Given<"reload" | "restart">;
    /** It is a service of the user for whom mgmt acts, and not of the machine. */
    readonly session?: Given<boolean>;
}
/** A service of the machine, such as `nginx`: it runs or not, and starts with the machine or not. */
export declare function svc(name: string, fields?: SvcFields, options?: ResourceOptions): Resource;
/** The fields of `sysctl`. */
export interface SysctlFields {
    /**
     * The value. The white space between several numbers does not matter.
     *
     * In mcl: `"1"`
     */
    readonly value?: Given<string>;
    /** Sets it now. */
    readonly runtime?: Given<boolean>;
    /** Writes it into a file, for the next start. */
    readonly persist?: Given<boolean>;
    /**
     * The file for the next start. Not given: `/etc/sysctl.d/99-NAME.conf`.
     *
     * In mcl: `"/etc/sysctl.d/50-router.conf"`
     */
    readonly path?: Given<string>;
}
/** A parameter of the kernel, such as `net.ipv4.ip_forward`: now, and after the next start. */
export declare function sysctl(name: string, fields?: SysctlFields, options?: ResourceOptions): Resource;
/** The fields of `syslog:server`. */
export interface SyslogServerFields {
    /**
     * Where it listens, over UDP and TCP: a literal address and a port, or a port alone behind a colon for all
     * addresses.
     *
     * In mcl: `":514"`
     *
     * When not given, it is the name of the resource.
     */
    readonly address?: Given<string>;
    /**
     * Where the files are, `192.0.2.5.log` for the machine with that address; ends with `/`. It must be there. The files
     * are for root alone, as logs may have secrets in them.
     *
     * In mcl: `"/var/log/machines/"`
     */
    readonly directory?: Given<string>;
    /**
     * How much is kept of each machine, in bytes or with KiB, MiB, GiB or TiB. The older half is in `192.0.2.5.log.1`.
     *
     * In mcl: `"100MiB"`
     */
    readonly limit?: Given<string>;
    /** How many machines are listened to. More are told of once, and not kept, as anybody can say anything. */
    readonly most?: Given<number | bigint>;
}
/** Keeps what other machines say to the log of this one, in a file for each of them. */
export declare function syslogServer(name: string, fields?: SyslogServerFields, options?: ResourceOptions): Resource;
/** The fields of `tar`. */
export interface TarFields {
    /**
     * The archive; the name of the resource if absent.
     *
     * When not given, it is the name of the resource.
     */
    readonly path?: Given<string>;
    /**
     * Files and directories, each with everything in it. With a slash at its end, what is in the directory, without the
     * directory itself.
     *
     * In mcl: `["/etc/app.conf", "/srv/app/"]`
     */
    readonly inputs?: Given<readonly string[]>;
    /**
     * The form of the archive. `0` is ustar, and for entries that do not fit into it pax, or gnu for names that are no
     * text.
     *
     * In mcl: `$const.res.tar.format.pax`
     */
    readonly format?: Given<number>;
}
/** An archive of files and directories, in the form of the program tar. */
export declare function tar(name: string, fields?: TarFields, options?: ResourceOptions): Resource;
/** The fields of `test`. */
export interface TestFields {
    /**
     * A bool.
     *
     * In mcl: `true`
     */
    readonly bool?: Given<boolean> | Sent<boolean>;
    /**
     * A str.
     *
     * In mcl: `"hello"`
     */
    readonly str?: Given<string> | Sent<string>;
    /**
     * An int.
     *
     * In mcl: `42`
     */
    readonly int?: Given<number | bigint> | Sent<number | bigint>;
    /**
     * An int of 8 bits.
     *
     * In mcl: `-128`
     */
    readonly int8?: Given<number> | Sent<number>;
    /** An int of 16 bits. */
    readonly int16?: Given<number> | Sent<number>;
    /** An int of 32 bits. */
    readonly int32?: Given<number> | Sent<number>;
    /** An int of 64 bits. */
    readonly int64?: Given<number | bigint> | Sent<number | bigint>;
    /** An int that is not negative. */
    readonly uint?: Given<number | bigint> | Sent<number | bigint>;
    /** An int from 0 to 255. */
    readonly uint8?: Given<number> | Sent<number>;
    /** An int from 0 to 65535. */
    readonly uint16?: Given<number> | Sent<number>;
    /** An int from 0 to 4294967295. */
    readonly uint32?: Given<number> | Sent<number>;
    /** An int that is not negative. */
    readonly uint64?: Given<number | bigint> | Sent<number | bigint>;
    /** An int from 0 to 255. */
    readonly byte?: Given<number> | Sent<number>;
    /** An int of 32 bits, the number of a character. */
    readonly rune?: Given<number> | Sent<number>;
    /** A float that fits into 32 bits. */
    readonly float32?: Given<number> | Sent<number>;
    /**
     * A float.
     *
     * In mcl: `3.14`
     */
    readonly float64?: Given<number> | Sent<number>;
    /** A bool, or nothing. */
    readonly boolptr?: Given<boolean> | Sent<boolean>;
    /** A str, or nothing. */
    readonly stringptr?: Given<string> | Sent<string>;
    /** An int, or nothing. */
    readonly int64ptr?: Given<number | bigint> | Sent<number | bigint>;
    /** An int of 8 bits, or nothing. */
    readonly int8ptr?: Given<number> | Sent<number>;
    /** An int from 0 to 255, or nothing. */
    readonly uint8ptr?: Given<number> | Sent<number>;
    /** An int of 8 bits, or nothing. */
    readonly int8ptrptrptr?: Given<number> | Sent<number>;
    /**
     * A list of strs.
     *
     * In mcl: `["a", "b"]`
     */
    readonly slicestring?: Given<readonly string[]> | Sent<readonly string[]>;
    /**
     * A map from int to float.
     *
     * In mcl: `{1 => 0.5}`
     */
    readonly mapintfloat?: Given<ReadonlyMap<number | bigint, number>> | Sent<ReadonlyMap<number | bigint, number>>;
    /**
     * A struct of several types.
     *
     * In mcl: `struct{somebool => true, somestr => "a", someint => 1, somefloat => 0.5}`
     */
    readonly mixedstruct?: Given<{
        readonly somebool: boolean;
        readonly somestr: string;
        readonly someint: number | bigint;
        readonly somefloat: number;
    }> | Sent<{
        readonly somebool: boolean;
        readonly somestr: string;
        readonly someint: number | bigint;
        readonly somefloat: number;
    }>;
    /** A value of any one type. */
    readonly interface?: Given<AnyValue> | Sent<AnyValue>;
    /** A second str. */
    readonly anotherstr?: Given<string> | Sent<string>;
    /** A function. It is checked for its type, but a resource cannot hold one. */
    readonly func1?: Given<AnyValue> | Sent<AnyValue>;
    /** Makes the check of this resource fail. */
    readonly validatebool?: Given<boolean> | Sent<boolean>;
    /** Makes the check of this resource fail with this text. */
    readonly validateerror?: Given<string> | Sent<string>;
    /** Lets it be grouped with any other. */
    readonly alwaysgroup?: Given<boolean> | Sent<boolean>;
    /** Makes it different from every other, itself included. */
    readonly comparefail?: Given<boolean> | Sent<boolean>;
    /** What it sends as `hello`. */
    readonly sendvalue?: Given<string> | Sent<string>;
    /** The fields that it must receive; it fails when their number is another. */
    readonly expectrecv?: Given<readonly string[]> | Sent<readonly string[]>;
    /** The fields that it shows; when not given, those that differ from their defaults. */
    readonly onlyshow?: Given<readonly string[]> | Sent<readonly string[]>;
    /**
     * Milliseconds after which it fails; 0: it does not.
     *
     * In mcl: `1000`
     */
    readonly waitforerror?: Given<number | bigint> | Sent<number | bigint>;
    /** A note for the reader of the program. */
    readonly comment?: Given<string> | Sent<string>;
}
/**
 * Has a field of every type and shows what it is given; for trying out programs.
 *
 * Sends `hello`, `answer`.
 */
export declare function test(name: string, fields?: TestFields, options?: ResourceOptions): Resource<{
    readonly hello: string;
    readonly answer: number | bigint;
}>;
/** The fields of `test:command`. */
export interface TestCommandFields {
    /**
     * How it ends.
     *
     * In mcl: `1`
     */
    readonly status?: Given<number>;
    /**
     * What it writes.
     *
     * In mcl: `"nginx: configuration file is ok\n"`
     */
    readonly stdout?: Given<string>;
    /** What it complains about. */
    readonly stderr?: Given<string>;
    /**
     * The contents of the files that it writes, by their absolute paths.
     *
     * In mcl: `{"/root/.ssh/id_ed25519" => "a key"}`
     */
    readonly files?: Given<Readonly<Record<string, string>> | ReadonlyMap<string, string>>;
    /** How long it takes; the clock is moved. */
    readonly seconds?: Given<number>;
}
/**
 * What a command does on the machine of a test case: one whose words begin with those of the name. Only `mgmt test`
 * reads it.
 */
export declare function testCommand(name: string, fields?: TestCommandFields, options?: ResourceOptions): Resource;
/** The fields of `test:expect`. */
export interface TestExpectFields {
    /** Whether the program declares it. */
    readonly exists?: Given<boolean>;
    /**
     * Values that some of its fields must have.
     *
     * In mcl: `struct{state => "running", startup => "enabled"}`
     */
    readonly fields?: Given<AnyValue>;
    /**
     * Resources that must wait for it, through declared and automatic edges.
     *
     * In mcl: `["svc[ssh]"]`
     */
    readonly before?: Given<readonly string[]>;
    /**
     * Resources that it must wait for.
     *
     * In mcl: `["pkg[openssh-server]"]`
     */
    readonly after?: Given<readonly string[]>;
    /**
     * The beginnings of its steps, as `mgmt plan` shows them, for the machine as it is at first; an empty list: there is
     * nothing to do.
     *
     * In mcl: `["+ write"]`
     */
    readonly steps?: Given<readonly string[]>;
    /**
     * It must fail, with a message that has this in it.
     *
     * In mcl: `"not permitted"`
     */
    readonly fails?: Given<string>;
}
/** What a test case expects of the resource of this name, as `file[/etc/motd]`; only `mgmt test` reads it. */
export declare function testExpect(name: string, fields?: TestExpectFields, options?: ResourceOptions): Resource;
/** The fields of `test:machine`. */
export interface TestMachineFields {
    /**
     * Its name.
     *
     * In mcl: `"web1"`
     */
    readonly hostname?: Given<string>;
    /**
     * What it runs: this is what /etc/os-release and the files beside it say.
     *
     * In mcl: `"fedora"`
     */
    readonly distribution?: Given<"debian" | "ubuntu" | "fedora" | "almalinux" | "archlinux" | "alpine">;
    /**
     * Of the distribution; if not given, a recent one.
     *
     * In mcl: `"12"`
     */
    readonly version?: Given<string>;
    /**
     * When the case begins, in UTC.
     *
     * In mcl: `"2026-03-29T00:59:30Z"`
     */
    readonly time?: Given<string>;
    /**
     * How long the program goes on when all is as declared for the first time. It takes no time: the clock is moved.
     *
     * In mcl: `3600`
     */
    readonly seconds?: Given<number>;
    /**
     * There are no packages and no commands but those of `test:package` and `test:command`. Else each package that is
     * asked for is on offer, and each command that is run does nothing and ends well.
     */
    readonly strict?: Given<boolean>;
}
/** What the machine of a test case is; only `mgmt test` reads it. */
export declare function testMachine(name: string, fields?: TestMachineFields, options?: ResourceOptions): Resource;
/** The fields of `test:package`. */
export interface TestPackageFields {
    /**
     * Its version.
     *
     * In mcl: `"2.4.1-1"`
     */
    readonly version?: Given<string>;
    /**
     * The absolute paths that it brings; one that ends in `/` is a directory.
     *
     * In mcl: `["/usr/sbin/sshd", "/etc/ssh/sshd_config.d/"]`
     */
    readonly files?: Given<readonly string[]>;
    /**
     * The services of systemd that it brings.
     *
     * In mcl: `["ssh"]`
     */
    readonly units?: Given<readonly string[]>;
    /** Packages that come with it. */
    readonly depends?: Given<readonly string[]>;
    /** It is there before the program comes. */
    readonly installed?: Given<boolean>;
}
/** A package that the machine of a test case can get; only `mgmt test` reads it. */
export declare function testPackage(name: string, fields?: TestPackageFields, options?: ResourceOptions): Resource;
/** The fields of `test:refusal`. */
export interface TestRefusalFields {
}
/** The program of a test case must be refused, with a message that has this name in it; only `mgmt test` reads it. */
export declare function testRefusal(name: string, fields?: TestRefusalFields, options?: ResourceOptions): Resource;
/** The fields of `tftp:file`. */
export interface TftpFileFields {
    /**
     * The name of the `tftp:server`. Not given: any.
     *
     * In mcl: `":69"`
     */
    readonly server?: Given<string>;
    /**
     * What clients ask for, letter by letter.
     *
     * In mcl: `"/pxelinux.0"`
     *
     * When not given, it is the name of the resource.
     */
    readonly filename?: Given<string>;
    /**
     * A file on the disk.
     *
     * In mcl: `"/usr/lib/PXELINUX/pxelinux.0"`
     */
    readonly path?: Given<string>;
    /**
     * The content, instead of a file.
     *
     * In mcl: `"default linux\n"`
     */
    readonly data?: Given<string>;
}
/** A file or a text that a TFTP server hands out. */
export declare function tftpFile(name: string, fields?: TftpFileFields, options?: ResourceOptions): Resource;
/** The fields of `tftp:server`. */
export interface TftpServerFields {
    /**
     * Where it listens: a literal address and a port, or a port alone behind a colon for all addresses.
     *
     * In mcl: `":69"`
     *
     * When not given, it is the name of the resource.
     */
    readonly address?: Given<string>;
    /** Seconds after which what was not acknowledged is sent again, unless the client asks for another time. */
    readonly timeout?: Given<number | bigint>;
    /**
     * A directory whose files are served where no member is; ends with `/`.
     *
     * In mcl: `"/srv/tftp/"`
     */
    readonly root?: Given<string>;
}
/** A TFTP server for machines that boot from the network; it serves the resources `tftp:file` and a root. */
export declare function tftpServer(name: string, fields?: TftpServerFields, options?: ResourceOptions): Resource;
/** The fields of `timer`. */
export interface TimerFields {
    /**
     * Seconds between two ticks; at least 1.
     *
     * In mcl: `60`
     */
    readonly interval?: Given<number>;
}
/** Ticks at each interval: those it notifies are then refreshed. A refresh of its own begins the interval anew. */
export declare function timer(name: string, fields?: TimerFields, options?: ResourceOptions): Resource;
/** The fields of `user`. */
export interface UserFields {
    /** Whether it must be there. Not given: it must. */
    readonly state?: Given<"exists" | "absent"> | Sent<"exists" | "absent">;
    /**
     * Its number. Not given: any.
     *
     * In mcl: `1001`
     */
    readonly uid?: Given<number> | Sent<number>;
    /** The number of its primary group, which must be there. */
    readonly gid?: Given<number> | Sent<number>;
    /**
     * Its primary group, in the place of `gid`. With neither, a new user gets a group of its own name.
     *
     * In mcl: `"users"`
     */
    readonly group?: Given<string> | Sent<string>;
    /**
     * All groups that must list it, but for its primary one. It is taken out of every other.
     *
     * In mcl: `["adm", "video"]`
     */
    readonly groups?: Given<readonly string[]> | Sent<readonly string[]>;
    /**
     * Its home directory, with a slash at its end. What is in the old one is not moved.
     *
     * In mcl: `"/srv/alice/"`
     */
    readonly homedir?: Given<string> | Sent<string>;
    /**
     * The program that runs when it logs in.
     *
     * In mcl: `"/bin/bash"`
     */
    readonly shell?: Given<string> | Sent<string>;
    /** Its `uid` may be that of another user. */
    readonly allowduplicateuid?: Given<boolean> | Sent<boolean>;
    /**
     * For people: its full name.
     *
     * In mcl: `"Alice Example"`
     */
    readonly comment?: Given<string> | Sent<string>;
    /**
     * The hash of its password, as `crypt` makes it; `"!"` or `"*"`: nobody can log in with a password. Never shown.
     *
     * In mcl: `"!"`
     */
    readonly password?: Given<string> | Sent<string>;
    /** Takes a new user's number from those of the system. No change for one that is there. */
    readonly system?: Given<boolean> | Sent<boolean>;
    /** Makes the home directory when it is missing, with what is in /etc/skel, for the user alone. */
    readonly createhome?: Given<boolean> | Sent<boolean>;
    /** With `absent`: removes the home directory with everything in it, if it belongs to the user. */
    readonly removehome?: Given<boolean> | Sent<boolean>;
}
/** A user account of this machine: its number, groups, home, shell and password. */
export declare function user(name: string, fields?: UserFields, options?: ResourceOptions): Resource;
/** The fields of `value`. */
export interface ValueFields {
    /**
     * The value, of any one type.
     *
     * In mcl: `["a", "b"]`
     */
    readonly any?: Given<AnyValue> | Sent<AnyValue>;
}
/**
 * A value of any type that other resources can receive; a new value is a change.
 *
 * Sends `any`.
 */
export declare function value(name: string, fields?: ValueFields, options?: ResourceOptions): Resource<{
    readonly any: never;
}>;
/** The fields of `virt`. */
export interface VirtFields {
    /**
     * Which hypervisor. Not given: the usual one.
     *
     * In mcl: `"qemu:///system"`
     */
    readonly uri?: Given<string>;
    /** What the domain does. It is switched off without asking what runs in it. Not given: it stays so. */
    readonly state?: Given<"running" | "paused" | "shutoff">;
    /** Whether it starts with the hypervisor. Not given: it stays so. */
    readonly startup?: Given<"enabled" | "disabled">;
    /** It is gone when it is off. With `shutoff`: there is none. */
    readonly transient?: Given<boolean>;
    /** How many processors it has. */
    readonly cpus?: Given<number>;
    /** How many it can have without being started anew. */
    readonly maxcpus?: Given<number>;
    /** Gives it processors and takes them while it runs. */
    readonly hotcpus?: Given<boolean>;
    /**
     * Its memory in KiB.
     *
     * In mcl: `1048576`
     */
    readonly memory?: Given<number | bigint>;
    /**
     * What a container starts with; for `lxc` alone.
     *
     * In mcl: `"/sbin/init"`
     */
    readonly osinit?: Given<string>;
    /**
     * What a new one starts from, in this order: `fd`, `hd`, `cdrom`, `network`.
     *
     * In mcl: `["hd", "network"]`
     */
    readonly boot?: Given<readonly string[]>;
    /**
     * The disks of a new one: the file, which may begin with `~/`, and its format. What a domain has stays.
     *
     * In mcl: `[struct{source => "/var/lib/libvirt/images/web1.qcow2", type => "qcow2"}]`
     */
    readonly disk?: Given<readonly ({
        readonly source: string;
        readonly type: string;
    })[]>;
    /**
     * The drives for discs of a new one: the file, and its format. What a domain has stays.
     *
     * In mcl: `[struct{source => "~/debian.iso", type => "raw"}]`
     */
    readonly cdrom?: Given<readonly ({
        readonly source: string;
        readonly type: string;
    })[]>;
    /**
     * The networks of libvirt that a new one is in, with its hardware address in each; any, if that is empty. What a
     * domain has stays.
     *
     * In mcl: `[struct{name => "default", mac => "52:54:00:12:34:56"}]`
     */
    readonly network?: Given<readonly ({
        readonly name: string;
        readonly mac: string;
    })[]>;
    /**
     * Directories of the machine that a new one sees; what a domain has stays. `access` is `passthrough`, `mapped`,
     * `squash` or empty.
     *
     * In mcl: `[struct{access => "mapped", source => "/srv/share", target => "share", read_only => true}]`
     */
    readonly filesystem?: Given<readonly ({
        readonly access: string;
        readonly source: string;
        readonly target: string;
        readonly read_only: boolean;
    })[]>;
    /** Who logs in at the hypervisor. Never shown. */
    readonly auth?: Given<{
        readonly username: string;
        readonly password: string;
    }>;
    /** What is done when it must be started anew for a change: nothing, that, or a failure. Not given: a failure. */
    readonly restartondiverge?: Given<"ignore" | "ifneeded" | "error">;
    /** Starts it anew when a resource that notifies it has changed something. */
    readonly restartonrefresh?: Given<boolean>;
}
/** A virtual machine or container of libvirt. */
export declare function virt(name: string, fields?: VirtFields, options?: ResourceOptions): Resource;
/** The fields of `virt:builder`. */
export interface VirtBuilderFields {
    /**
     * The image; the name of the resource if absent. One that is there stays as it is.
     *
     * When not given, it is the name of the resource.
     */
    readonly output?: Given<string>;
    /**
     * What it is made from, as `virt-builder --list` shows it.
     *
     * In mcl: `"debian-12"`
     */
    readonly os_version?: Given<string>;
    /**
     * For which processors. Not given: those of this machine.
     *
     * In mcl: `"x86_64"`
     */
    readonly arch?: Given<string>;
    /** The name of the machine in it. Not given: that of the system it is made from. */
    readonly hostname?: Given<string>;
    /** The form of the image. Not given: `raw`. */
    readonly format?: Given<"raw" | "qcow2">;
    /**
     * Its size in bytes. Not given: as large as need be.
     *
     * In mcl: `10737418240`
     */
    readonly size?: Given<number | bigint>;
    /**
     * Packages that are installed in it.
     *
     * In mcl: `["openssh-server"]`
     */
    readonly packages?: Given<readonly string[]>;
    /** Brings what is in it up to date. */
    readonly update?: Given<boolean>;
    /** Gives its files their SELinux contexts, at the first start if need be. */
    readonly selinux_relabel?: Given<boolean>;
    /** Does not install virt-builder when this machine does not have it. */
    readonly no_setup?: Given<boolean>;
    /**
     * SSH keys that may log in as a user of it.
     *
     * In mcl: `[struct{user => "root", type => "ssh-ed25519", key => "AAAAC3…", comment => "carol"}]`
     */
    readonly ssh_keys?: Given<readonly ({
        readonly user: string;
        readonly type: string;
        readonly key: string;
        readonly comment: string;
    })[]>;
    /** Lets the key of whoever builds it log in as root, if there is one. */
    readonly root_ssh_inject?: Given<boolean>;
    /**
     * The password of root, as virt-builder takes it: `password:WORD`, `file:PATH`, `random`, `locked` or `disabled`.
     * Not given: `disabled`. Never shown.
     */
    readonly root_password_selector?: Given<string>;
    /** Puts mgmt into it, as it runs here. */
    readonly bootstrap?: Given<boolean>;
    /**
     * With `bootstrap`: the cluster that mgmt in it joins by itself.
     *
     * In mcl: `["https://192.0.2.1:2379"]`
     */
    readonly seeds?: Given<readonly string[]>;
    /**
     * Directories that are made in it.
     *
     * In mcl: `["/srv/app"]`
     */
    readonly mkdir?: Given<readonly string[]>;
    /**
     * Files and directories that are copied into a directory of it.
     *
     * In mcl: `[struct{path => "/srv/app.conf", dest => "/etc"}]`
     */
    readonly copy_in?: Given<readonly ({
        readonly path: string;
        readonly dest: string;
    })[]>;
    /**
     * Commands that run in it while it is built.
     *
     * In mcl: `["systemctl enable ssh"]`
     */
    readonly run_cmd?: Given<readonly string[]>;
    /** Commands that run when it is started for the first time. */
    readonly firstboot_cmd?: Given<readonly string[]>;
    /** Keeps what virt-builder says in a file of the state directory. */
    readonly log_output?: Given<boolean>;
    /** Adds the agent by which the hypervisor asks it, and keeps its boot loader from asking anybody. */
    readonly tweaks?: Given<boolean>;
}
/** An image of a system for a virtual machine, built once. */
export declare function virtBuilder(name: string, fields?: VirtBuilderFields, options?: ResourceOptions): Resource;
/** The fields of `virt:network`. */
export interface VirtNetworkFields {
    /**
     * Which hypervisor. Not given: the usual one.
     *
     * In mcl: `"qemu:///system"`
     */
    readonly uri?: Given<string>;
    /** Whether it is up. Not given: it stays so. */
    readonly state?: Given<"up" | "down">;
    /** It is gone when it is down. With `down`: there is none. */
    readonly transient?: Given<boolean>;
    /** Whether it comes up with the hypervisor. Not given: it stays so. */
    readonly startup?: Given<"enabled" | "disabled">;
    /**
     * Its UUID. Not given: any.
     *
     * In mcl: `"6c4a1e9b-24a5-4c53-9ef9-6ec9b1d9a6f0"`
     */
    readonly uuid?: Given<string>;
    /** The bridge of the machine that it has. */
    readonly device?: Given<string>;
    /** How machines in it reach others: `nat`, by the address of this machine. */
    readonly mode?: Given<"nat">;
    /**
     * The hardware address of the bridge.
     *
     * In mcl: `"52:54:00:ab:cd:01"`
     */
    readonly mac?: Given<string>;
    /**
     * The address of the bridge, with its prefix.
     *
     * In mcl: `"192.168.122.1/24"`
     */
    readonly ip?: Given<string>;
    /** Takes away addresses of machines that no `virt:network:host` says. */
    readonly purge_hosts?: Given<boolean>;
    /** Takes away ranges that no `virt:network:range` says. */
    readonly purge_ranges?: Given<boolean>;
    /** Who logs in at the hypervisor. Never shown. */
    readonly auth?: Given<{
        readonly username: string;
        readonly password: string;
    }>;
}
/** A network of libvirt, with the addresses that it gives to machines. */
export declare function virtNetwork(name: string, fields?: VirtNetworkFields, options?: ResourceOptions): Resource;
/** The fields of `virt:network:host`. */
export interface VirtNetworkHostFields {
    /**
     * The `virt:network` that it is in; any if absent.
     *
     * In mcl: `"lan"`
     */
    readonly network?: Given<string>;
    /**
     * The name that the machine gets; the name of the resource if absent.
     *
     * When not given, it is the name of the resource.
     */
    readonly hostname?: Given<string>;
    /**
     * Its hardware address.
     *
     * In mcl: `"52:54:00:12:34:56"`
     */
    readonly mac?: Given<string>;
    /**
     * The address that it gets, with the prefix of the network.
     *
     * In mcl: `"192.168.122.10/24"`
     */
    readonly ip?: Given<string>;
}
/** The address that a machine always gets in a network of libvirt. */
export declare function virtNetworkHost(name: string, fields?: VirtNetworkHostFields, options?: ResourceOptions): Resource;
/** The fields of `virt:network:range`. */
export interface VirtNetworkRangeFields {
    /**
     * The `virt:network` that it is of; any if absent.
     *
     * In mcl: `"lan"`
     */
    readonly network?: Given<string>;
    /**
     * The first address.
     *
     * In mcl: `"192.168.122.100"`
     */
    readonly start?: Given<string>;
    /**
     * The last address.
     *
     * In mcl: `"192.168.122.199"`
     */
    readonly end?: Given<string>;
}
/** Addresses that a network of libvirt gives to machines. */
export declare function virtNetworkRange(name: string, fields?: VirtNetworkRangeFields, options?: ResourceOptions): Resource;
/** The names of all kinds. */
export type KindName = "archive" | "augeas" | "aws:ec2" | "bmc:firmware" | "bmc:power" | "config:etcd" | "consul:kv" | "cron" | "deploy:tar" | "dhcp:host" | "dhcp:range" | "dhcp:server" | "docker:container" | "docker:image" | "exec" | "exit" | "file" | "firewalld" | "fwattr" | "fwupd:device" | "fwupd:remote" | "fwupd:system" | "git" | "group" | "gsettings" | "gzip" | "hetzner:vm" | "hostname" | "http:client" | "http:server" | "http:server:file" | "http:server:flag" | "http:server:invitation" | "http:server:proxy" | "http:server:report" | "http:server:ui" | "http:server:ui:input" | "json:edit" | "kv" | "line" | "mount" | "msg" | "net" | "nftables" | "noop" | "nspawn" | "password" | "pkg" | "print" | "remote" | "schedule" | "ssh:authorized_key" | "svc" | "sysctl" | "syslog:server" | "tar" | "test" | "test:command" | "test:expect" | "test:machine" | "test:package" | "test:refusal" | "tftp:file" | "tftp:server" | "timer" | "user" | "value" | "virt" | "virt:builder" | "virt:network" | "virt:network:host" | "virt:network:range";
