/** Names of kinds in place of objects, spelled out: "relu" becomes { kind: "relu" }. */

type Part = Readonly<Record<string, unknown>>;
type Spell = (written: unknown) => unknown;

const named: Spell = (written) => (typeof written === "string" ? { kind: written } : written);

/** Spells out what lies under some keys of an object, lists entry by entry. */
function within(written: unknown, keys: Readonly<Record<string, Spell>>): unknown {
  if (typeof written !== "object" || written === null || Array.isArray(written)) return written;
  const result: Record<string, unknown> = { ...(written as Part) };
  for (const [key, spell] of Object.entries(keys)) {
    if (!(key in result)) continue;
    const value = result[key];
    result[key] = Array.isArray(value) ? value.map((each) => spell(each)) : spell(value);
  }
  return result;
}

const layer: Spell = (written) =>
  within(named(written), { layers: layer, branches: layer, parts: layer, join: named });

const loss: Spell = (written) =>
  within(named(written), { parts: (part) => within(part, { loss }) });

const optimizer: Spell = (written) =>
  within(named(written), { optimizer, groups: (group) => within(group, { optimizer }) });

const schedule: Spell = (written) => within(named(written), { schedules: schedule });

const augment: Spell = (written) => within(written, { transforms: named });

/** A configuration in which every layer, loss, optimizer, schedule and transform is an object. */
export function spelledOut(written: unknown): unknown {
  return within(written, { network: layer, loss, optimizer, schedule, augment });
}
