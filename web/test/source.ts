import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const root = join(import.meta.dirname, "..");

export interface SourceFile {
  name: string;
  text: string;
}

/** The files that people write, by the end of their names. */
export function sources(folders: string[], ends: RegExp): SourceFile[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile() && ends.test(entry.name))
        .map((entry) => {
          const path = join(entry.parentPath, entry.name);
          return { name: relative(root, path), text: readFileSync(path, "utf8") };
        }),
    )
    .filter((file) => !file.name.endsWith("schema.d.ts"));
}
