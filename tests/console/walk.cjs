// Walks through the console in Chromium as a person would, from the first start of an empty
// server to signing out; then signs in again and looks at every page, in both languages, in the
// light and in the dark:
//
//     walk.cjs CHROMIUM ADDRESS START-TOKEN TAOBAO-EXPORT FOLDER
//
// The pictures go to the folder. It says how much it saw in one line of JSON; where something is
// wrong it says what and where, and ends with 1.

const { mkdirSync } = require("node:fs");
const { join } = require("node:path");
const { chromium } = require("playwright-core");
const data = require("./errands-data.cjs");
const door = require("./errands-door.cjs");
const file = require("./errands-file.cjs");
const { coupon } = require("./errands-coupon.cjs");
const { offer } = require("./errands-offer.cjs");
const { earn } = require("./errands-earn.cjs");
const people = require("./errands-people.cjs");
const { ledger } = require("./errands-ledger.cjs");
const { levels } = require("./errands-level.cjs");
const { segment } = require("./errands-segment.cjs");
const { seeEveryPage } = require("./pages.cjs");
const { Visitor } = require("./visitor.cjs");

const [executablePath, address, token, report, folder] = process.argv.slice(2);

/** A window as many have it; the menu at the side is open at this width. */
const VIEWPORT = { width: 1280, height: 860 };

/** How a message is coloured for a terminal. */
const COLOURS = /\u001b\[\d+m/g;

/** Characters of a page that are shown where an errand cannot be done. */
const SHOWN_MAX = 600;

/** What is done, one after the other; each builds on those before. */
const ERRANDS = [
  ["first start", (visitor) => people.start(visitor, token)],
  ["demo shop", people.demo],
  ["overview", people.overview],
  ["RFM", people.rfm],
  ["customer", people.customer],
  ["merge", people.merge],
  ["search", people.search],
  ["segment", segment],
  ["levels", levels],
  ["points", ledger],
  ["earning", earn],
  ["coupons", coupon],
  ["offers", offer],
  ["export", file.exportList],
  ["import", (visitor) => data.importReport(visitor, report)],
  ["long import", file.longImport],
  ["sources", data.sources],
  ["product", data.product],
  ["orders", data.orders],
  ["query", data.query],
  ["settings", data.settings],
  ["devices", door.devices],
  ["second factor", door.secondFactor],
  ["sign out", people.signOut],
  ["every page", seeEveryPage],
];

async function walk(visitor) {
  for (const [name, errand] of ERRANDS) {
    const start = Date.now();
    visitor.where = name;
    try {
      await errand(visitor);
    } catch (error) {
      visitor.where = name;
      visitor.fault(`at ${visitor.page.url()}: ${error.message.replace(COLOURS, "")}`);
      await visitor.page.screenshot({ path: join(folder, "failed.png") }).catch(() => {});
      const shown = await visitor.page
        .locator("body")
        .innerText()
        .catch(() => "");
      visitor.fault(`the page said: ${shown.replace(/\s+/g, " ").slice(0, SHOWN_MAX)}`);
      return;
    }
    console.error(`${name}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
  }
}

async function main() {
  mkdirSync(folder, { recursive: true });
  const args = ["--no-sandbox", "--disable-gpu"];
  const browser = await chromium.launch({ executablePath, args });
  const context = await browser.newContext({
    viewport: VIEWPORT,
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
    colorScheme: "light",
    reducedMotion: "reduce",
    acceptDownloads: true,
  });
  const visitor = new Visitor(await context.newPage(), address.replace(/\/$/, ""), folder);
  await walk(visitor);
  await browser.close();
  const { axe, faults, pages, screenshots } = visitor;
  for (const { where, what } of faults) console.error(`${where}: ${what}`);
  console.log(JSON.stringify({ pages: pages.size, screenshots, axe }));
  return faults.length === 0;
}

main().then(
  (well) => process.exit(well ? 0 : 1),
  (error) => {
    console.error("the walk broke off:", error);
    process.exit(1);
  },
);
