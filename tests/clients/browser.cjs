// Segment's client in Chromium tells a story, on a page of another origin than the server's:
//
//     browser.cjs tell|stay|leave HOST KEY STORY CHROMIUM
//
// `tell` tells it at once. `stay` and `leave` say "loaded", wait for a line, tell the story to a
// server that is away, say "queued" and wait for a line again; `leave` has left the page by then
// and comes back. All of them end when the server has taken everything.

const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const { dirname, join } = require("node:path");
const { createInterface } = require("node:readline");
const { chromium } = require("playwright-core");

const [mode, host, writeKey, storyPath, executablePath] = process.argv.slice(2);
const story = JSON.parse(readFileSync(storyPath, "utf8"));
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** How long the client may take, in milliseconds. */
const WAIT = 60_000;
/** A browser as people have it: a headless one says so and counts as a program. */
const AGENT =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36";

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>店铺</title>
<script src="/analytics.js"></script>
<script>
  window.analytics = AnalyticsNext.AnalyticsBrowser.load(${JSON.stringify({ writeKey, cdnURL: host })})
</script>`;

/** The shop's own site. */
function site() {
  const installed = dirname(require.resolve("@segment/analytics-next/package.json"));
  const client = readFileSync(join(installed, "dist/umd/index.js"));
  const server = createServer((request, response) => {
    const script = request.url.startsWith("/analytics.js");
    response.setHeader("Content-Type", script ? "text/javascript" : "text/html");
    response.end(script ? client : PAGE);
  });
  return new Promise((ready) => {
    server.listen(0, "127.0.0.1", () => ready(`http://127.0.0.1:${server.address().port}/`));
  });
}

/** Runs in the page. */
async function tell(story) {
  for (const said of story) {
    const { properties, traits } = said;
    await {
      page: () => analytics.page(said.category, said.name, properties),
      screen: () => analytics.screen(said.category, said.name, properties),
      identify: () => analytics.identify(said.userId, traits),
      track: () => analytics.track(said.event, properties),
      group: () => analytics.group(said.groupId, traits),
      alias: () => analytics.alias(said.userId, said.previousId),
    }[said.call]();
  }
}

async function until(what, holds) {
  const end = Date.now() + WAIT;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`${what} within ${WAIT} ms`);
    await new Promise((later) => setTimeout(later, 50));
  }
}

async function main() {
  const shop = await site();
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const context = await browser.newContext({ userAgent: AGENT, locale: "zh-CN" });
  const page = await context.newPage();
  const taken = new Set();
  const strange = [];
  page.on("request", (request) => {
    const known = [host, shop, "about:"].some((start) => request.url().startsWith(start));
    if (!known) strange.push(request.url());
  });
  page.on("response", (response) => {
    const request = response.request();
    if (request.method() === "POST" && response.status() === 200) {
      taken.add(JSON.parse(request.postData()).messageId);
    }
  });
  page.on("console", (message) => console.error(`page: ${message.text()}`));
  await page.goto(shop);
  await page.evaluate("analytics.ready()");
  if (mode !== "tell") {
    console.log("loaded");
    await lines.next();
  }
  await page.evaluate(tell, story);
  if (mode !== "tell") {
    if (mode === "leave") await page.goto("about:blank");
    console.log("queued");
    await lines.next();
    if (mode === "leave") await page.goto(shop);
  }
  await until(`${story.length} messages are taken`, () => taken.size >= story.length);
  await browser.close();
  if (strange.length > 0) throw new Error(`somebody else was told: ${strange}`);
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error("not delivered:", error);
    process.exit(1);
  },
);
