// SPDX-License-Identifier: Apache-2.0
// What is done on the other machine, as scripts for any shell. Each has a directory of its own there, which nobody else can lead
// elsewhere, and knows its process by a number and the file that it runs, never by a name.
//
// As long as a script lasts, something must come in on its standard input at least once a minute: a machine that has lost
// the other one ends what it was told to do.

/** How often that is done. */
export const beatMs = 15_000;

/** `$directory`, and the functions that all others use. The first argument is the id, the second whether it is kept. */
const prelude = `
set -u
umask 077
export LC_ALL=C
if [ "$2" = 1 ] && [ "$(id -u)" = 0 ]; then root=/var/lib/mgmt/remote; else root=$HOME/.mgmt/remote; fi
directory=$root/$1
kept=$2
shift 2
[ ! -d "$directory" ] || directory=$(cd "$directory" && pwd -P)
safe() {
  [ ! -e "$directory" ] || { [ -d "$directory" ] && [ ! -L "$root" ] && [ ! -L "$directory" ] && [ -O "$directory" ]; }
}
pid=$(cat "$directory/pid" 2>/dev/null) || pid=
ours() {
  [ -n "$pid" ] || return 1
  file=$(readlink "/proc/$pid/exe" 2>/dev/null) || return 1
  [ "$file" = "$directory/mgmt" ] || [ "$file" = "$directory/mgmt (deleted)" ]
}
# By this it is the file that it was: whatever is done to it changes one of them.
mark() { stat -c '%i %s %y %z' "$directory/mgmt" 2>/dev/null; }
# Line 1 of what is known: the mark; 2: its digest; 3: whether it was seen to run.
is_known() { [ -f "$directory/known" ] && now=$(mark) && [ "$(sed -n 1p "$directory/known")" = "$now" ]; }
end() {
  ours || return 0
  kill -INT "$pid" 2>/dev/null
  left=300
  while ours && [ $left -gt 0 ]; do left=$((left - 1)); sleep 0.1; done
  ours && kill -KILL "$pid" 2>/dev/null
  while ours; do sleep 0.1; done
  return 0
}
`;

/** Prints what there is, a word and its value on each line. */
const look = `
echo "directory $directory"
safe || { echo "unsafe yes"; exit 0; }
echo "hostname $(hostname 2>/dev/null || cat /proc/sys/kernel/hostname)"
echo "machine $(uname -s) $(uname -m)"
if is_known; then echo "digest $(sed -n 2p "$directory/known")"
elif [ -f "$directory/mgmt" ]; then digest=$(sha256sum "$directory/mgmt"); echo "digest \${digest%% *}"
fi
if ours; then
  echo "pid $pid"
  [ "$file" = "$directory/mgmt" ] || echo "replaced yes"
  [ ! -f "$directory/arguments" ] || echo "arguments $(cat "$directory/arguments")"
fi
[ ! -f "$directory/state/trust/host.crt" ] || echo "member yes"
exit 0
`;

/** Unpacks what comes in and puts it into its place, if it has the digest that is the next argument. */
const put = `
safe || { echo "$directory is not only ours" >&2; exit 1; }
mkdir -p "$directory" && chmod 700 "$directory" || exit 1
safe || { echo "$directory is not only ours" >&2; exit 1; }
new=$directory/mgmt.new
trap 'rm -f "$new"' EXIT
gzip -dc > "$new" || exit 1
digest=$(sha256sum "$new")
[ "\${digest%% *}" = "$1" ] || { echo "what has arrived is not what was sent" >&2; exit 1; }
chmod 0770 "$new" && mv -f "$new" "$directory/mgmt" || exit 1
{ mark && echo "$1"; } > "$directory/known" || rm -f "$directory/known"
`;

/** Whether what was put there can run; with \`1\` what it needs is installed first. */
const prepare = `
chmod 700 "$directory"
if is_known && [ "$(sed -n 3p "$directory/known")" = runs ]; then exit 0; fi
runs() { says=$("$directory/mgmt" version 2>&1) || return 1; ! is_known || echo runs >> "$directory/known"; }
runs && exit 0
[ "$1" = 1 ] || { echo "$says" >&2; exit 1; }
if command -v dnf >/dev/null; then dnf -y install libstdc++
elif command -v yum >/dev/null; then yum -y install libstdc++
elif command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q && apt-get install -qy --no-install-recommends libstdc++6
else echo "there is neither dnf, yum nor apt-get" >&2; exit 1; fi >&2 || exit 1
runs || { echo "$says" >&2; exit 1; }
`;

/** Keeps what comes in as an invitation into the cluster, for its owner alone. */
const keepInvitation = `
safe && cat > "$directory/invitation"
`;

const begin = `
safe || { echo "$directory is not only ours" >&2; exit 1; }
cd "$directory" || exit 1
if [ -f invitation ]; then MGMT_JOIN=$(cat invitation); export MGMT_JOIN; rm -f invitation; fi
setsid=$(command -v setsid) || setsid=
echo "$*" > arguments
`;

/**
 * Runs mgmt with the arguments that follow until it ends, prints what it says, and ends with its status. Some file systems tell
 * nobody what is written, and there `tail` looks each second: it has to look once more when mgmt has ended.
 */
const attend = `${begin}
exec 3<&0
follow='tail -n +1 -f log'
: > log
$setsid "$directory/mgmt" "$@" </dev/null >log 2>&1 3<&- &
pid=$!
echo "$pid" > pid
! tail -s 0.1 --pid=$$ -n 1 /dev/null 2>/dev/null || follow="tail -s 0.1 --pid=$pid -n +1 -f log"
$follow 2>/dev/null </dev/null 3<&- &
follower=$!
{
  while [ "$(timeout 60 head -c 1 <&3)" = . ]; do :; done
  end
} >/dev/null 2>&1 &
guard=$!
wait "$pid"
status=$?
kill "$guard" 2>/dev/null
case $follow in *--pid*) ;; *) sleep 1.2; kill "$follower" 2>/dev/null ;; esac
wait "$follower" 2>/dev/null
rm -f pid arguments
[ "$status" != 127 ] || rm -f known
[ "$status" = 0 ] || tail -n 8 log >&2
[ "$kept" = 1 ] || { cd /; rm -rf "$directory"; }
exit "$status"
`;

/** Starts mgmt with the arguments that follow and leaves it running. */
const start = `${begin}
$setsid "$directory/mgmt" "$@" </dev/null >log 2>&1 &
pid=$!
echo "$pid" > pid
sleep 1
ours && exit 0
tail -n 8 log >&2
exit 1
`;

/** Ends what runs there: in order, or after 30 seconds at once. */
const stop = `
end
rm -f "$directory/pid" "$directory/arguments"
`;

/** Takes everything away that was put there. */
const clear = `
end
safe && rm -rf "$directory"
`;

/** Prints a line whenever what runs there begins or ends; the first at once. */
const follow = `
was=
silent=0
while :; do
  pid=$(cat "$directory/pid" 2>/dev/null) || pid=
  if ours; then now=$pid; else now=none; fi
  [ "$now" = "$was" ] || echo "$now"
  was=$now
  beat=$(timeout 5 head -c 1)
  status=$?
  if [ "$beat" = . ]; then silent=0
  elif [ $status -ge 124 ]; then silent=$((silent + 1)); [ $silent -lt 12 ] || exit 0
  else exit 0; fi
done
`;

const scripts = { look, put, prepare, keepInvitation, attend, start, stop, clear, follow } as const;

export type ScriptName = keyof typeof scripts;

export interface ScriptPlace {
  readonly id: string;
  /** What was put there stays. */
  readonly isKept: boolean;
}

/** A line for whatever shell the user has there. */
export function scriptLine(name: ScriptName, { id, isKept }: ScriptPlace, args: readonly string[] = []): string {
  const words = [`${prelude}${scripts[name]}`, `mgmt-${name}`, id, isKept ? "1" : "0", ...args];
  return `exec sh -c ${words.map(quoted).join(" ")}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
