import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Smaller files gain nothing from being compressed. */
const COMPRESS_FROM_BYTES = 1024;
const server = process.env.SHUKE_API ?? "http://127.0.0.1:8080";
const proxy = { "/api": server };

/** Lays `.br` and `.gz` beside every asset, so that no request has to wait for a compressor. */
function precompressed(): Plugin {
  return {
    name: "precompressed",
    apply: "build",
    writeBundle({ dir }) {
      if (dir) compressFolder(dir);
    },
  };
}

function compressFolder(dir: string) {
  for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !/\.(js|css|html|svg|json)$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const text = readFileSync(path);
    if (text.length < COMPRESS_FROM_BYTES) continue;
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: text.length };
    writeFileSync(`${path}.br`, brotliCompressSync(text, { params }));
    writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }));
  }
}

export default defineConfig({
  plugins: [react(), precompressed()],
  server: { host: "127.0.0.1", port: 5170, proxy },
  preview: { host: "127.0.0.1", port: 5171, proxy },
  build: {
    target: "es2022",
    manifest: true,
    reportCompressedSize: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
  },
  test: {
    environment: "happy-dom",
    include: ["test/**/*.test.{ts,tsx}"],
    testTimeout: 20_000,
  },
});
