// SPDX-License-Identifier: Apache-2.0
// Each field of `augeas`, changed by others on a machine in memory.

import { eachField, inMemory } from "../../../test/fields.ts";
import { augtool, sets } from "./augeas.test-support.ts";

const file = "/etc/sshd_config";

eachField("augeas", {
  machine: inMemory(({ outside }) => {
    outside.install("augtool", augtool);
    outside.write(file, "Port 22\n");
  }),
  name: "sshd",
  fields: { file, lens: "Sshd.lns", sets: sets({ X11: "no" }) },
  changes: {
    file: { outside: ({ host }) => host.outside.remove(file), repair: ['+ set /files/etc/sshd_config/X11 to "no"'] },
    sets: [
      {
        outside: ({ host }) => host.outside.write(file, "Port 22\nX11 yes\n"),
        repair: ['~ set /files/etc/sshd_config/X11 to "no"'],
      },
      {
        fields: { file: "", lens: "", sets: sets({ [`/files${file}/X11`]: "no" }) },
        outside: ({ host }) => host.outside.write(file, "Port 22\n"),
        repair: ['~ set /files/etc/sshd_config/X11 to "no"'],
      },
    ],
  },
  parameters: { lens: "it says how the file is read" },
});
