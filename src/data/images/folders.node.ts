/** Where fetched data are kept on this machine. */

import { homedir } from "node:os";
import { join } from "node:path";

/** The environment variable that names a folder which already holds data files. */
export const dataDirVariable = "CHAINRULE_DATA_DIR";

/** The user's cache folder for Chainrule: `CHAINRULE_CACHE_DIR`, or the platform's own place. */
export function cacheFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: string = process.platform,
): string {
  if (environment.CHAINRULE_CACHE_DIR) return environment.CHAINRULE_CACHE_DIR;
  switch (platform) {
    case "win32":
      return join(
        environment.LOCALAPPDATA || join(homedir(), "AppData", "Local"),
        "chainrule",
        "Cache",
      );
    case "darwin":
      return join(homedir(), "Library", "Caches", "chainrule");
    default:
      return join(environment.XDG_CACHE_HOME || join(homedir(), ".cache"), "chainrule");
  }
}
