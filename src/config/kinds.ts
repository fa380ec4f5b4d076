/** Schemas of things that have kinds, made from one table a family: a row for each kind, with its options. */

import { z } from "zod";

/** The options of each kind. */
export type KindTable = Readonly<Record<string, z.core.$ZodLooseShape>>;

/** The schema of one kind: its name as `kind`, and its options beside it. */
export type KindSchema<Kind extends string, Options extends z.core.$ZodLooseShape> = z.ZodObject<
  { kind: z.ZodLiteral<Kind> } & Options,
  z.core.$strict
>;

export type KindSchemas<Table extends KindTable> = {
  readonly [Kind in keyof Table & string]: KindSchema<Kind, Table[Kind]>;
};

/** What the rows of a table describe, validated. */
export type OutputOf<Table extends KindTable> = z.output<KindSchemas<Table>[keyof Table & string]>;

/** What the rows of a table describe, as one writes it: what needs no options may be its kind's name alone. */
export type WrittenOf<Table extends KindTable> =
  | z.input<KindSchemas<Table>[keyof Table & string]>
  | (keyof Table & string);

/** What needs no options may be written as its kind's name alone. */
export type OrName<T extends { readonly kind: string }> = T | T["kind"];

/** A schema for each row; keys that a row does not name are errors. */
function kindSchemas<const Table extends KindTable>(table: Table): KindSchemas<Table> {
  const schemas = Object.entries(table).map(([kind, options]) => [
    kind,
    z.strictObject({ kind: z.literal(kind), ...options }),
  ]);
  return Object.fromEntries(schemas) as KindSchemas<Table>;
}

/** The schema of any row of a table. */
export function kindUnion<const Table extends KindTable>(table: Table) {
  type Row = KindSchemas<Table>[keyof Table & string];
  return z.discriminatedUnion("kind", Object.values(kindSchemas(table)) as unknown as [Row]);
}

/** The table with the same further options in each row. */
export function withOptions<
  const Table extends KindTable,
  const Further extends z.core.$ZodLooseShape,
>(table: Table, further: Further): { readonly [Kind in keyof Table]: Table[Kind] & Further } {
  const rows = Object.entries(table).map(([kind, options]) => [kind, { ...options, ...further }]);
  return Object.fromEntries(rows) as { [Kind in keyof Table]: Table[Kind] & Further };
}
