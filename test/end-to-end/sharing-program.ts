// SPDX-License-Identifier: Apache-2.0
// A program for hosts that share.

/**
 * Two files of each host, and two that it shows to all; and all that are shown. Each host has a directory below `directory`.
 * `more` stands behind it.
 */
export function sharingProgram(directory: string, more = ""): string {
  return `import "golang/strings"
import "world/collect"

$directory = "${directory}/\${hostname}"

file "\${directory}/" {
	state => $const.res.file.state.exists,
}
file ["\${directory}/f1\${hostname}", "\${directory}/f2\${hostname}"] {
	state => $const.res.file.state.exists,
	content => "only on \${hostname}\\n",
}
file ["/shown/f3\${hostname}", "/shown/f4\${hostname}"] {
	state => $const.res.file.state.exists,
	content => "from \${hostname}\\n",

	Meta:hidden => true,
	Meta:export => ["*"],
}
for $index, $one in collect.res("file") {
	$base = strings.trim_prefix($one->name, "/shown/")
	collect file [$one] {
		path => "\${directory}/\${base}",
	}
}
${more}`;
}
