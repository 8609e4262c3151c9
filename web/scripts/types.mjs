// openapi.json -> src/api/generated/: schema.d.ts (types), hints.json (what each field may be) and verbs.ts (which verbs
// change something)
//
// Both come from the server's own tables, so no limit is ever typed in by hand here.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const here = (path) => new URL(`../${path}`, import.meta.url);
const openapi = JSON.parse(await readFile(here("openapi.json"), "utf8"));

await mkdir(here("src/api/generated"), { recursive: true });
await writeFile(here("src/api/generated/schema.d.ts"), astToString(await openapiTS(openapi)));

const KEPT = ["minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "default", "enum"];
const pick = (from, keys) => Object.fromEntries(keys.filter((k) => from?.[k] !== undefined).map((k) => [k, from[k]]));

const hints = {};
for (const [name, schema] of Object.entries(openapi.components.schemas)) {
  const fields = {};
  for (const [field, says] of Object.entries(schema.properties ?? {})) {
    const hint = pick(says, KEPT);
    if (schema.required?.includes(field)) hint.required = true;
    if (says.items?.maxLength !== undefined) hint.itemMaxLength = says.items.maxLength;
    if (Object.keys(hint).length > 0) fields[field] = hint;
  }
  hints[name] = fields;
}
await writeFile(here("src/api/generated/hints.json"), JSON.stringify(hints, null, 1) + "\n");

const operations = Object.values(openapi.paths).flatMap((path) => Object.values(path));
const changing = [...new Set(operations.filter((o) => !o["x-only-reads"]).map((o) => o["x-verb"]))].sort();
await writeFile(
  here("src/api/generated/verbs.ts"),
  `export type ChangingVerb =\n${changing.map((v) => `  | ${JSON.stringify(v)}`).join("\n")};\n`,
);
