// SPDX-License-Identifier: Apache-2.0
// A program for the page of each kind, as a person would begin with it. A test holds them to the kinds.

export const kindExamples: Readonly<Record<string, string>> = {
  archive: `archive "/opt/app/" {
	source => "/var/cache/app-1.4.tar.gz",
	strip => 1,
	owner => "root",
}
`,
  augeas: `augeas "ssh server" {
	file => "/etc/ssh/sshd_config",
	lens => "Sshd.lns",
	sets => [
		struct{path => "PermitRootLogin", value => "no"},
		struct{path => "X11Forwarding", value => "no"},
	],
}
`,
  "aws:ec2": `aws:ec2 "web1" {
	state => "running",
	region => "eu-central-1",
	type => "t3.micro",
	imageid => "ami-0123456789abcdef0",
}
`,
  "bmc:firmware": `import "os"

bmc:firmware "https://admin@bmc1.example.com" {
	password => os.readfile("/etc/bmc.password"),
	file => "/srv/firmware/board-3.4.bin",
	version => "3.4",
	block => "gofishs://admin@bmc1.example.com",

	Meta:poll => 3600,
}
`,
  "bmc:power": `import "os"

bmc:power "gofishs://admin@bmc1.example.com" {
	password => os.readfile("/etc/bmc.password"),
	state => "on",

	Meta:poll => 60,
}
`,
  "consul:kv": `consul:kv "app/colour" {
	address => "consul.example.com:8500",
	value => "blue",
}
`,
  cron: `file "/etc/systemd/system/backup.service" {
	state => $const.res.file.state.exists,
	content => "[Service]\\nType=oneshot\\nExecStart=/usr/local/bin/backup\\n",
}

cron "backup" {
	trigger => "OnCalendar",
	time => "Mon..Fri 03:30",
	persistent => true,
}
`,
  "deploy:tar": `deploy:tar "/srv/http/program.tar" {}
`,
  "dhcp:host": `dhcp:server ":67" {
	interface => "eth1",
}

dhcp:host "printer" {
	mac => "52:54:00:12:34:56",
	ip => "192.168.42.13/24",
}
`,
  "dhcp:range": `dhcp:server ":67" {
	interface => "eth1",
	routers => ["192.168.42.1"],
}

dhcp:range "192.168.42.0/24" {
	skip => ["192.168.42.1"],
	persist => true,
}
`,
  "dhcp:server": `dhcp:server ":67" {
	interface => "eth1",
	leasetime => "30m",
	dns => ["9.9.9.9"],
	nbp_for => {
		"bios" => "tftp://192.168.42.1/pxelinux.0",
		"uefi-x64" => "tftp://192.168.42.1/shimx64.efi",
		"http" => "http://192.168.42.1/boot.efi",
		"ipxe" => "http://192.168.42.1/menu.ipxe",
	},
}

dhcp:range "192.168.42.0/24" {}
`,
  "docker:container": `docker:image "nginx:1.27" {}

docker:container "web" {
	image => "nginx:1.27",
	ports => {"tcp" => {8080 => 80}},
	force => true,
}
`,
  "docker:image": `docker:image "nginx:1.27" {
	state => "exists",
}
`,
  exec: `exec "/usr/bin/make install" {
	cwd => "/srv/app",
	creates => "/usr/local/bin/app",
}
`,
  exit: `exec "/usr/bin/make check" {}

exit "done" {
	code => 0,

	Depend => Exec["/usr/bin/make check"],
}
`,
  file: `file "/etc/motd" {
	state => $const.res.file.state.exists,
	content => "hello\\n",
	mode => "0644",
	owner => "root",
}
`,
  fwattr: `fwattr "WakeOnLAN" {
	value => "enabled",
	skip => true,
}
`,
  "fwupd:device": `fwupd:device "b585990a-003e-5270-89d5-3705a17f9a43" {
	version => "1.2.4",
}
`,
  "fwupd:remote": `fwupd:remote "lvfs" {
	enabled => true,
	refresh_age => "24h",
}
`,
  "fwupd:system": `fwupd:remote "lvfs" {
	enabled => true,
	refresh_age => "24h",
}

fwupd:system "all" {
	state => "newest",
}
`,
  group: `group "staff" {
	gid => 2001,
}
`,
  git: `git "/srv/site/" {
	url => "https://example.com/site.git",
	revision => "main",
	changes => "reset",

	Meta:poll => 300,
}
`,
  gsettings: `gsettings "org.gnome.desktop.interface clock-format" {
	user => "carol",
	value => "24h",
}
`,
  firewalld: `firewalld "web" {
	zone => "public",
	services => ["http", "https"],
	ports => ["8080/tcp"],
}
`,
  gzip: `gzip "/var/backups/site.sql.gz" {
	input => "/var/backups/site.sql",
	level => $const.res.gzip.level.best_compression,
}
`,
  "hetzner:vm": `import "os"

hetzner:vm "web1" {
	apitoken => os.readfile("/etc/hetzner.token"),
	state => "running",
	servertype => "cx22",
	datacenter => "fsn1",
	image => "debian-12",

	Meta:poll => 60,
}
`,
  hostname: `hostname "web1.example.com" {
	pretty_hostname => "Front door",
}
`,
  "http:client": `http:client "/var/cache/app-1.4.tar.gz" {
	url => "https://example.com/app-1.4.tar.gz",
	sha256 => "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
}
`,
  "json:edit": `json:edit "/etc/docker/daemon.json" {
	edits => [
		".debug = false",
		"del(.hosts)",
	],
}
`,
  "http:server": `http:server ":8080" {
	root => "/srv/www/",
	shutdown_timeout => 5,
}

http:server:file "/motd" {
	data => "hello\\n",
}
`,
  "http:server:file": `http:server ":8080" {}

http:server:file "/packages/" {
	path => "/srv/packages/",
}
`,
  "http:server:flag": `http:server ":8080" {}

http:server:flag "/done" {
	key => "state",
}
print "state" {}

Http:Server:Flag["/done"].value -> Print["state"].msg
`,
  "http:server:invitation": `http:server ":8080" {}

http:server:invitation "/invitation/web1" {
	hostname => "web1",
	entrance => "192.168.42.1",
	token => "6f1c0a52c1d44d1f9ef0a3d2b2a5c9e1",
}
`,
  "http:server:report": `import "value"

http:server ":8080" {}

http:server:report "/hello" {
	key => "serial",
	fields => ["vendor", "place"],
}
value "seen" {}

Http:Server:Report["/hello"].reports -> Value["seen"].any

$seen struct{value []map{str: str}; ready bool} = value.get("seen")

for $index, $report in $seen->value {
	$serial = $report["serial"] <|> ""

	print ["\${serial}"] {
		msg => $report["place"] <|> "nobody knows where",
	}
}
`,
  "http:server:proxy": `http:server ":8080" {}

http:server:proxy "/debian/" {
	sub => "/debian/",
	head => "https://deb.example.org/debian/",
	cache => "/var/cache/mirror/debian/",
	limit => "50GiB",
}
`,
  "config:etcd": `config:etcd "store" {
	idealclustersize => 3,
}
`,
  kv: `import "world"

kv "leader" {
	value => "\${hostname}",
}

$leader = world.getval("leader")

print "leader" {
	msg => $leader->value,
}
`,
  "http:server:ui": `http:server ":8080" {}
http:server:ui "/ui/" {
	data => struct{title => "Machines", head => ""},
}
http:server:ui:input "count" {
	type => "range://?min=0&max=5&step=1",
	value => "3",
}
`,
  "http:server:ui:input": `http:server ":8080" {}
http:server:ui "/ui/" {}
http:server:ui:input "greeting" {
	value => "hello",
}
file "/srv/greeting" {
	state => $const.res.file.state.exists,
}

Http:Server:Ui:Input["greeting"].value -> File["/srv/greeting"].content
`,
  line: `line "database" {
	file => "/etc/hosts",
	state => "exists",
	content => "192.0.2.7 db1",
}
`,
  mount: `file "/srv/cache/" {
	state => "exists",
}

mount "/srv/cache" {
	device => "tmpfs",
	type => "tmpfs",
	options => {"size" => "64m", "mode" => "0700", "nosuid" => ""},
}
`,
  msg: `msg "backup" {
	body => "the backup begins",
	priority => "Notice",
	journal => true,
}
`,
  net: `net "eth1" {
	state => $const.res.net.state.up,
	addrs => ["192.0.2.5/24"],
	gateway => "192.0.2.1",
}
`,
  nftables: `nftables "web" {
	content => "chain input {
	type filter hook input priority filter; policy drop;
	ct state established,related accept
	iifname lo accept
	tcp dport { 22, 80, 443 } accept
}",
}
`,
  noop: `noop "configured" {}

file "/etc/app.conf" {
	state => "exists",

	Before => Noop["configured"],
}

exec "/usr/bin/app" {
	Depend => Noop["configured"],
}
`,
  nspawn: `nspawn "builder" {
	state => "running",
}
`,
  password: `password "alice" {
	length => 20,
	saved => true,
}

file "/srv/app/password" {
	state => "exists",
	mode => "0600",
}
user "alice" {}

Password["alice"].password -> File["/srv/app/password"].content
Password["alice"].hash -> User["alice"].password
`,
  pkg: `pkg ["nginx", "logrotate"] {}

pkg "telnetd" {
	state => "uninstalled",
	purge => true,
}

pkg "openssl" {
	state => "newest",
}
`,
  print: `print "greeting" {
	msg => "hello from \${hostname}",
}
`,
  remote: `if $hostname == "laptop" {
	remote ["root@web1", "root@web2"] {
		converger_timeout => 5,
	}
} else {
	file "/etc/motd" {
		state => "exists",
		content => "I am \${hostname}\n",
	}
}
`,
  schedule: `import "world"

schedule "backup" {
	max => 2,
}

if $hostname in world.schedule("backup") {
	timer "nightly" {
		interval => 86400,
	}
}
`,
  "ssh:authorized_key": `ssh:authorized_key "alice@laptop" {
	state => "exists",
	user => "alice",
	type => "ssh-ed25519",
	key => "AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH",
	comment => "alice@laptop",
}
`,
  svc: `file "/etc/nginx/conf.d/site.conf" {
	state => $const.res.file.state.exists,
	content => "server { listen 8080; }\\n",

	Notify => Svc["nginx"],
}

svc "nginx" {
	state => "running",
	startup => "enabled",
}
`,
  sysctl: `sysctl "net.ipv4.ip_forward" {
	value => "1",
}
`,
  tar: `tar "/var/backups/app.tar" {
	inputs => ["/etc/app.conf", "/srv/app/"],
	format => $const.res.tar.format.pax,
}
`,
  test: `test "everything" {
	anotherstr => "hello",
	int64 => 42,
	slicestring => ["a", "b"],
}
`,
  "test:command": `test:command "sshd -t" {
	status => 255,
	stderr => "/etc/ssh/sshd_config: line 3: Bad configuration option: Colour\\n",
}
`,
  "test:expect": `test:expect "svc[ssh]" {
	fields => struct{state => "running", startup => "enabled"},
	after => ["pkg[openssh-server]"],
	steps => ["+ start"],
}
`,
  "test:machine": `test:machine "machine" {
	hostname => "web1",
	distribution => "fedora",
	time => "2026-03-29T00:59:30Z",
	seconds => 60,
}
`,
  "test:package": `test:package "openssh-server" {
	files => ["/usr/sbin/sshd", "/etc/ssh/sshd_config.d/"],
	units => ["ssh"],
}
`,
  "test:refusal": `test:refusal "needs a root or a proxy" {}
`,
  "tftp:file": `tftp:server ":69" {}

tftp:file "/pxelinux.cfg/default" {
	data => "default linux\\n",
}
`,
  "syslog:server": `file "/var/log/machines/" {
	state => "exists",
	mode => "0700",
}

syslog:server ":514" {
	directory => "/var/log/machines/",
}
`,
  "tftp:server": `tftp:server ":69" {
	root => "/srv/tftp/",
}
`,
  timer: `timer "every minute" {
	interval => 60,

	Notify => Exec["/usr/bin/fetch"],
}

exec "/usr/bin/fetch" {}
`,
  user: `group "staff" {}

user "alice" {
	state => "exists",
	uid => 1001,
	group => "staff",
	groups => ["adm"],
	homedir => "/srv/alice/",
	createhome => true,
	shell => "/bin/bash",
}
`,
  value: `exec "/bin/uname -r" {}
value "kernel" {}

Exec["/bin/uname -r"].stdout -> Value["kernel"].any
`,
  virt: `virt "web1" {
	uri => "qemu:///system",
	state => "running",
	startup => "enabled",
	cpus => 2,
	maxcpus => 8,
	memory => 2097152,
	disk => [struct{source => "/var/lib/libvirt/images/web1.qcow2", type => "qcow2"}],
	network => [struct{name => "lan", mac => "52:54:00:12:34:56"}],
}
`,
  "virt:builder": `virt:builder "/var/lib/libvirt/images/web1.qcow2" {
	os_version => "debian-12",
	format => "qcow2",
	hostname => "web1",
	packages => ["openssh-server"],
	ssh_keys => [struct{user => "root", type => "ssh-ed25519", key => "AAAAC3NzaC1lZDI1NTE5AAAAIGmV", comment => "carol"}],
	bootstrap => false,
}
`,
  "virt:network": `virt:network "lan" {
	state => "up",
	startup => "enabled",
	mac => "52:54:00:ab:cd:01",
	ip => "192.168.77.1/24",
}

virt:network:range "guests" {
	network => "lan",
	start => "192.168.77.100",
	end => "192.168.77.199",
}
`,
  "virt:network:host": `virt:network "lan" {
	state => "up",
	mac => "52:54:00:ab:cd:01",
	ip => "192.168.77.1/24",
}

virt:network:host "web1" {
	network => "lan",
	mac => "52:54:00:12:34:56",
	ip => "192.168.77.10/24",
}
`,
  "virt:network:range": `virt:network "lan" {
	state => "up",
	mac => "52:54:00:ab:cd:01",
	ip => "192.168.77.1/24",
}

virt:network:range "guests" {
	start => "192.168.77.100",
	end => "192.168.77.199",
}
`,
};
