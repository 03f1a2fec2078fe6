import Database from "better-sqlite3";
import { DatabaseUnusable } from "./database-unusable.js";
import { MIGRATIONS, schemaVersion } from "./migrations.js";

/** One row of a database's schema. */
type SchemaObject = {
  readonly type: string;
  readonly name: string;
  readonly tbl_name: string;
  readonly sql: string | null;
};

/** How an object differs from what the hub makes. `acts`: the engine would heed it when the hub writes. */
export type SchemaDifference = {
  readonly kind: "foreign" | "changed" | "missing";
  readonly type: string;
  readonly message: string;
  readonly acts: boolean;
};

const SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name";
/** What ANALYZE leaves, which only guides the planner. */
const STATISTICS = /^sqlite_stat[1-4]$/;

const MAX_NAME = 100;

/** What is in the database's schema and was not made by the hub, was changed since, or is missing; runs nothing of it. */
export function schemaDifferences(database: Database.Database): readonly SchemaDifference[] {
  const version = schemaVersion(database);
  if (version === 0) return [];
  const expected = new Map(schemaOf(version).map((object) => [keyOf(object), object]));
  const found = database.prepare<[], SchemaObject>(SCHEMA).all();
  const there = new Set(found.map(keyOf));
  return [
    ...found.flatMap((object) => differenceOf(object, expected.get(keyOf(object)))),
    ...[...expected.values()].filter((object) => !there.has(keyOf(object))).map(missing),
  ];
}

/** Throws DatabaseUnusable for anything foreign that would act when the hub writes: it is not to run even once. */
export function mustBeOurs(database: Database.Database): void {
  const foreign = schemaDifferences(database).find(({ acts }) => acts);
  if (foreign === undefined) return;
  const { name: path } = database;
  const message = `${path} is not as a hub makes it: ${foreign.message} (mangahub db check names all; restore it from a backup, or name another file with --database)`;
  throw new DatabaseUnusable({ reason: "corrupt", path, message });
}

function differenceOf(found: SchemaObject, made: SchemaObject | undefined): SchemaDifference[] {
  const { type, name, tbl_name, sql } = found;
  if (made === undefined) {
    if (type === "table" && STATISTICS.test(name)) return [];
    const place = name === tbl_name ? "" : ` on ${short(tbl_name)}`;
    const message = `the ${type} ${short(name)}${place} was not made by the hub`;
    return [{ kind: "foreign", type, message, acts: type === "trigger" || type === "index" }];
  }
  if (tbl_name === made.tbl_name && normal(sql) === normal(made.sql)) return [];
  const message = `the ${type} ${name} is not as the hub makes it`;
  return [{ kind: "changed", type, message, acts: type !== "view" }];
}

function missing({ type, name }: SchemaObject): SchemaDifference {
  return { kind: "missing", type, message: `the ${type} ${name} is missing`, acts: false };
}

function short(name: string): string {
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;
}

function schemaOf(version: number): readonly SchemaObject[] {
  const made = new Database(":memory:");
  try {
    for (const step of MIGRATIONS.slice(0, version)) step(made);
    return made.prepare<[], SchemaObject>(SCHEMA).all();
  } finally {
    made.close();
  }
}

function keyOf({ type, name }: SchemaObject): string {
  return `${type} ${name}`;
}

function normal(sql: string | null): string {
  return (sql ?? "").replace(/\s+/g, " ").trim();
}
