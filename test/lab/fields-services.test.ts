// SPDX-License-Identifier: Apache-2.0
// What each field of `svc` and `cron` says, changed with systemctl and in the files of units.

import { writeFileSync } from "node:fs";
import type { AnyWant } from "../../src/contract/resource.ts";
import { unitText } from "../../src/resources/services/svc.cases.test-support.ts";
import { someFields } from "../fields.ts";
import { after, change, type Debian } from "./fields.ts";

const units = "/etc/systemd/system";

writeFileSync("/usr/lib/systemd/system/web.service", unitText("web"));
writeFileSync(`${units}/x.service`, unitText("x"));

someFields<Debian>("svc", {
  machine: after(`
    systemctl unmask web 2>/dev/null; systemctl unmask --runtime web 2>/dev/null; systemctl daemon-reload
    systemctl stop web; systemctl reset-failed web 2>/dev/null || true; systemctl disable web 2>/dev/null`),
  name: "web",
  changes: {
    state: [
      change({ state: "running" }, "systemctl kill --signal=KILL web", "+ start web.service (it had failed)"),
      change({ state: "running" }, "systemctl stop web", "+ start web.service (was stopped)"),
      change({ state: "stopped" }, "systemctl start web", "- stop web.service (was running)"),
    ],
    startup: [
      change(
        { startup: "enabled" },
        "systemctl disable web 2>/dev/null",
        "~ let web.service start with the machine (was disabled)",
      ),
      change(
        { startup: "disabled" },
        "systemctl enable web 2>/dev/null",
        "~ do not let web.service start with the machine (was enabled)",
      ),
      ...[
        ["systemctl --quiet mask web", "masked"],
        ["systemctl --quiet mask --runtime web", "masked"],
        [`ln -s /dev/null ${units}/web.service`, "masked"],
        [`: > ${units}/web.service; systemctl daemon-reload`, "masked"],
      ].flatMap(([mask = "", word = ""]) => [
        change(
          { state: "running", startup: "enabled" },
          mask,
          "~ take the mask from web.service",
          `~ let web.service start with the machine (was ${word})`,
        ),
        change({ startup: "disabled" }, mask, "~ take the mask from web.service"),
      ]),
      change({ startup: "masked" }, "systemctl --quiet unmask web", "~ mask web.service (was disabled)"),
    ],
  },
});

const written = [
  `~ write ${units}/x.timer`,
  "~ let the service manager read the definition of x.timer",
  "~ let x.timer begin anew",
];
const line = (fields: AnyWant, edit: string) => change(fields, `sed -i ${edit} ${units}/x.timer`, ...written);

someFields<Debian>("cron", {
  machine: after(`
    systemctl stop x.timer 2>/dev/null || true; systemctl disable x.timer 2>/dev/null || true
    rm -f ${units}/x.timer; systemctl daemon-reload`),
  name: "x",
  fields: { trigger: "OnCalendar", time: "daily" },
  changes: {
    unit: line({ unit: "x.service" }, "s/=x.service/=web.service/"),
    state: [
      change({}, "systemctl stop x.timer", "+ start x.timer"),
      change(
        {},
        `ln -sf /dev/null ${units}/x.timer; systemctl daemon-reload`,
        `+ write ${units}/x.timer`,
        "~ let the service manager read the definition of x.timer",
        "~ let x.timer start with the machine (was masked)",
        "+ start x.timer",
      ),
      change(
        { state: "absent" },
        `printf '[Timer]\\nOnCalendar=daily\\n' > ${units}/x.timer`,
        `- remove ${units}/x.timer`,
        "~ let the service manager read the definition of x.timer",
      ),
    ],
    startup: [
      change({}, "systemctl disable x.timer 2>/dev/null", "~ let x.timer start with the machine (was disabled)"),
      change(
        { startup: "disabled" },
        "systemctl enable x.timer 2>/dev/null",
        "~ do not let x.timer start with the machine (was enabled)",
      ),
    ],
    trigger: line({ trigger: "OnBootSec", time: "5min" }, "s/OnBootSec/OnStartupSec/"),
    time: line({}, "s/daily/hourly/"),
    accuracysec: line({ accuracysec: "1s" }, "s/AccuracySec=1s/AccuracySec=1h/"),
    randomizeddelaysec: line({ randomizeddelaysec: "10min" }, "/RandomizedDelaySec/d"),
    persistent: line({ persistent: true }, "/Persistent/d"),
    remainafterelapse: line({ remainafterelapse: false }, "/RemainAfterElapse/d"),
    description: line({ description: "mine" }, "s/=mine/=theirs/"),
  },
});
