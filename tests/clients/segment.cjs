// Segment's client for Node.js tells a story: segment.cjs HOST KEY STORY

const { readFileSync } = require("node:fs");
const { Analytics } = require("@segment/analytics-node");

const [host, writeKey, story] = process.argv.slice(2);
/** How long a client may take that queues while the server is away, in milliseconds. */
const WAIT = 60_000;

async function main() {
  const analytics = new Analytics({ host, writeKey });
  analytics.on("error", (error) => {
    console.error("not delivered:", error.code, error.reason);
    process.exitCode = 1;
  });
  for (const { call, ...said } of JSON.parse(readFileSync(story, "utf8"))) {
    analytics[call](said);
  }
  console.log("queued");
  await analytics.closeAndFlush({ timeout: WAIT });
}

main();
