/** The script that installs a browser for the tests, with stand-ins for apt-get and root. */

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const script = join(import.meta.dirname, "install-test-tools.sh");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chainrule-tools-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Puts a command of `folder`, the only one on the path, in place. */
function stand(name: string, body: string): void {
  writeFileSync(join(folder, name), `#!/bin/bash\n${body}\n`);
  chmodSync(join(folder, name), 0o755);
}

function run(env: Record<string, string> = {}) {
  const { status, stderr } = spawnSync("/bin/bash", [script], {
    env: { PATH: folder, ...env },
    encoding: "utf8",
  });
  return { status, stderr };
}

test("does nothing where there is a browser", () => {
  stand("chromium", "echo Chromium 1");
  expect(run()).toEqual({ status: 0, stderr: "" });
});

test("installs chromium as root, without questions", () => {
  stand("id", "echo 0");
  const browser = join(folder, "chromium");
  stand(
    "apt-get",
    `echo "$DEBIAN_FRONTEND $*" >> ${join(folder, "calls")}
     if [ "$1" = install ]; then echo '#!/bin/bash' > ${browser}; /bin/chmod +x ${browser}; fi`,
  );
  expect(run().status).toBe(0);
  const { stdout } = spawnSync("/bin/cat", [join(folder, "calls")], { encoding: "utf8" });
  expect(stdout).toBe(
    "noninteractive update -qq\nnoninteractive install -y -qq --no-install-recommends chromium\n",
  );
});

test("says what is missing where it cannot install", () => {
  expect(run().stderr).toContain("there is no apt-get to install it with; install Chromium");
  stand("apt-get", `echo called > ${join(folder, "calls")}`);
  stand("id", "echo 1000");
  expect(run()).toMatchObject({ status: 1, stderr: expect.stringContaining("takes root") });
  expect(run({ CHAINRULE_BROWSER: "/nowhere" }).stderr).toContain('no browser "/nowhere"');
  expect(existsSync(join(folder, "calls"))).toBe(false);
  stand("id", "echo 0");
  expect(run().stderr).toContain("the one from apt-get does not start");
});
