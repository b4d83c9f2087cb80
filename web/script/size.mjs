// What a browser loads of JavaScript until the overview is there, compressed, and its limit.
import { readFileSync, statSync } from "node:fs";

const LIMIT_BYTES = 400 * 1024;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

/** What the first page asks for besides the entry; the larger of the two languages counts. */
const FIRST = [
  "index.html",
  "src/shell/shell.tsx",
  "src/pages/overview/overview.tsx",
  "src/part/echarts.ts",
  "src/text/zh.json",
  "node_modules/antd/es/locale/zh_CN.js",
  "node_modules/dayjs/locale/zh-cn.js",
];

const chunks = new Set();
const walk = (key) => {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`${key} is not in the build: mend script/size.mjs`);
  if (chunks.has(chunk.file)) return;
  chunks.add(chunk.file);
  for (const next of chunk.imports ?? []) walk(next);
};
for (const key of FIRST) walk(key);

const bytes = (file) => {
  const plain = new URL(file, dist);
  try {
    return statSync(new URL(`${file}.br`, dist)).size;
  } catch {
    return statSync(plain).size;
  }
};
const scripts = [...chunks].filter((file) => file.endsWith(".js"));
const total = scripts.reduce((sum, file) => sum + bytes(file), 0);
for (const file of scripts) console.log(`${String(bytes(file)).padStart(8)}  ${file}`);
console.log(`${String(total).padStart(8)}  of at most ${LIMIT_BYTES} for the overview`);
if (total > LIMIT_BYTES) process.exit(1);
