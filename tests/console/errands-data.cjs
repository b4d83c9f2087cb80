// Errands with a shop's data: what comes in, what was sold, what can be asked, and the settings.

const { readFileSync } = require("node:fs");
const { basename } = require("node:path");
const { goToShop, numberOf } = require("./errands-people.cjs");

/** Limits of what the server works at, in milliseconds. */
const WAITS = {
  /** Until a report of some thousand rows is uploaded and recognised. */
  upload: 60_000,
  /** Until it has been tried out, and until it is imported. */
  work: 180_000,
  /** Until a file is there; longer than a click may take, whose failure says more. */
  download: 30_000,
  /** Until an event that was sent is in the live tail. */
  tail: 30_000,
};

/** What the report is known to have. */
const REPORT = { rows: 6_015, rejected: 13, duplicates: 15 };

/** What the shop's site and its back end send. */
const SENT = [
  {
    type: "track",
    event: "Product Viewed",
    userId: "walker-1",
    messageId: "walk-1",
    properties: { product_id: "SKU-1", name: "竹纤维毛巾", price: 59.9 },
  },
  {
    type: "track",
    event: "Order Completed",
    userId: "walker-1",
    messageId: "walk-2",
    properties: { order_id: "W-1", total: 118, currency: "CNY" },
  },
];

/** The write key in a snippet, whatever it is written in. */
const KEY = /write_?key(?:: | = )"([^"]+)"/i;

async function expectTotals(visitor) {
  const found = {
    rows: await visitor.figure("import.rows_read"),
    rejected: await visitor.figure("import.rows_rejected"),
    duplicates: await visitor.figure("import.rows_duplicate"),
  };
  if (JSON.stringify(found) !== JSON.stringify(REPORT)) {
    throw new Error(`the report has ${JSON.stringify(REPORT)}, shown is ${JSON.stringify(found)}`);
  }
}

async function importReport(visitor, path) {
  const { page } = visitor;
  await goToShop(visitor, visitor.ownShop);
  await visitor.see(visitor.t("overview.empty"));
  await visitor.inspectBoth("overview of an empty shop", "empty-overview");
  await page.locator(".go-button.first").click();
  await page.waitForURL(/imports\/new/);
  await page.setInputFiles("input[type=file]", path);
  await page.locator(".import-files li", { hasText: basename(path) }).waitFor({
    timeout: WAITS.upload,
  });
  await visitor.see(visitor.t("mapping.taobao-orders"));
  await visitor.inspectBoth("import: file", "import-file");
  await visitor.press("act.next");
  await page.locator(".import-columns").waitFor();
  await visitor.inspectBoth("import: columns", "import-columns");
  await visitor.press("act.next");
  await page.locator(".import-rows").waitFor({ timeout: WAITS.work });
  await visitor.inspectBoth("import: preview", "import-preview");
  await visitor.press("import.to_dry_run");
  await page.locator(".figure-row").first().waitFor({ timeout: WAITS.work });
  await expectTotals(visitor);
  await visitor.inspectBoth("import: dry run", "import-dry-run");
  await page.locator(".ant-btn-primary", { hasText: /\d/ }).click();
  await page.waitForURL(/imports\/(?!new)/);
  visitor.import = new URL(page.url()).pathname;
  await visitor.button("import.undo").waitFor({ timeout: WAITS.work });
  await visitor.settle();
  await expectTotals(visitor);
  const listed = async () => (await page.locator("section tbody tr").count()) === REPORT.rejected;
  await visitor.until(`${REPORT.rejected} rejected rows are listed`, listed);
  const [download] = await Promise.all([
    page.waitForEvent("download", { timeout: WAITS.download }),
    visitor.press("import.rejects_file"),
  ]);
  const lines = readFileSync(await download.path(), "utf8")
    .trim()
    .split("\n").length;
  if (lines <= REPORT.rejected) throw new Error(`the file of rejected rows has ${lines} lines`);
  await visitor.menu("overview");
  await visitor.see(visitor.t("overview.last_import"));
}

/** As a shop's site or back end does it. */
async function send(visitor, key, message) {
  const answer = await fetch(`${visitor.base}/v1/track`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...message, writeKey: key }),
  });
  if (answer.status !== 200) throw new Error(`${answer.status} to an event that was sent`);
}

async function sources(visitor) {
  const { page } = visitor;
  await visitor.menu("sources");
  await visitor.see(visitor.t("source.empty"));
  await visitor.inspectBoth("sources of an empty shop", "empty-sources");
  await page.locator(".empty .ant-btn-primary").click();
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  await visitor.fill("source.name_hint", "官网");
  await visitor.inspect("a new write key");
  await dialog.getByRole("button", { name: visitor.t("source.create"), exact: true }).click();
  await visitor.see(visitor.t("source.connect", { name: "官网" }));
  for (const kind of ["web", "node", "python"]) {
    const name = visitor.t(`source.snippet_${kind}`);
    await dialog.getByRole("tab", { name, exact: true }).click();
    const panel = dialog.getByRole("tabpanel", { name, exact: true });
    const [, key] = (await panel.locator("pre").innerText()).match(KEY) ?? [];
    if (!key || key !== (visitor.key ?? key)) throw new Error(`the key for ${kind} is ${key}`);
    visitor.key = key;
    await visitor.inspect(`snippet for ${kind}`, kind === "web" ? "snippet" : null);
  }
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.locator("tbody code", { hasText: visitor.key }).waitFor();
  await visitor.see(visitor.t("source.silent"));
  for (const message of SENT) {
    await send(visitor, visitor.key, message);
    const row = page.locator(".tail tbody tr", { hasText: message.event });
    await row.waitFor({ timeout: WAITS.tail });
    await row.getByRole("button", { name: message.event }).click();
    await page.locator(".tail pre", { hasText: message.messageId }).waitFor();
  }
  await page.locator(".tail tbody tr", { hasText: visitor.t("became.order") }).waitFor();
  await visitor.press("source.pause");
  await visitor.button("source.go_on").waitFor();
  await visitor.inspectBoth("live tail", "live-tail");
  await visitor.press("source.go_on");
}

async function product(visitor) {
  const { page } = visitor;
  await goToShop(visitor, visitor.demoShop);
  await visitor.menu("products");
  await page.locator("tr.ant-table-row a[href^='/products/']").first().click();
  await page.waitForURL(/products\/./);
  await page.locator(".chart canvas").waitFor();
  await visitor.settle();
  visitor.product = new URL(page.url()).pathname;
  visitor.data.add(await page.locator("h1").innerText());
  if (!((await visitor.figure("product.items")) > 0)) throw new Error("nothing of it was sold");
  await visitor.press("chart.as_table");
  await page.locator(".chart tbody tr").first().waitFor();
}

async function orders(visitor) {
  const { page } = visitor;
  await visitor.menu("orders");
  // What came last may be a refund, which has no lines.
  await visitor.open("/orders?kind=order");
  const row = page.locator("tr.ant-table-row").first();
  const number = (await row.locator("a[href^='/orders/']").first().innerText()).trim();
  await row.focus();
  await page.keyboard.press("Enter");
  const look = page.getByRole("dialog");
  await look.locator("dl").first().waitFor();
  await visitor.inspect("quick look at an order", "order-look");
  await look.locator(".go-button.first").click();
  await page.locator("h1", { hasText: number }).waitFor();
  await visitor.settle();
  visitor.order = new URL(page.url()).pathname;
  const lines = page.getByRole("region", { name: visitor.t("order.lines") });
  await lines.locator("tbody tr").first().waitFor();
}

/** Runs what stands in the editor. */
async function runQuery(visitor) {
  const { page } = visitor;
  await visitor.press("query.run");
  await page.locator(".answer tbody tr").first().waitFor();
  await visitor.settle();
}

async function query(visitor) {
  const { page } = visitor;
  await visitor.menu("query");
  const sql = "select status, count(*) as n from orders group by status order by n desc";
  await visitor.fill("query.sql", sql);
  await runQuery(visitor);
  const heads = await page.locator(".answer thead th").allInnerTexts();
  if (heads.join() !== "status,n") throw new Error(`the answer has the columns ${heads}`);
  const [first] = await page.locator(".answer tbody tr td:last-child").allInnerTexts();
  if (!(numberOf(first) > 0)) throw new Error(`the first count is ${first}`);
  await page.getByText(visitor.t("query.as_chart"), { exact: true }).click();
  await page.locator(".chart canvas").waitFor();
  await visitor.inspect("answer as a chart", "query-chart");
  await page.getByRole("tab", { name: visitor.t("query.history"), exact: true }).click();
  await page.locator(".past", { hasText: sql }).waitFor();
}

const TABS = ["shop", "people", "keys", "privacy", "audit", "system", "me"];

async function settings(visitor) {
  const { page } = visitor;
  await visitor.menu("settings");
  for (const tab of TABS) {
    await page.getByRole("tab", { name: visitor.t(`setting.${tab}`), exact: true }).click();
    await page.getByRole("tabpanel", { name: visitor.t(`setting.${tab}`) }).waitFor();
    await visitor.settle();
    if (tab === "people") visitor.link = await invite(visitor);
    if (tab === "keys") await makeKey(visitor);
  }
}

/** Where the invitation leads. */
async function invite(visitor) {
  const { page } = visitor;
  await visitor.press("people.invite");
  const dialog = page.getByRole("dialog");
  await dialog.locator("input[type=email]").fill("zhou@example.com");
  await visitor.inspect("an invitation");
  await dialog.getByRole("button", { name: visitor.t("people.invite_go"), exact: true }).click();
  const link = await page.locator(".secret code").innerText();
  await visitor.inspect("the link of an invitation");
  await page.keyboard.press("Escape");
  await page.locator(".secret").waitFor({ state: "detached" });
  return new URL(link).pathname;
}

async function makeKey(visitor) {
  const { page } = visitor;
  await visitor.press("keys.create");
  const dialog = page.getByRole("dialog");
  await dialog.locator("input").first().fill("ERP");
  await visitor.inspect("a new API key");
  await dialog.getByRole("button", { name: visitor.t("keys.create"), exact: true }).click();
  await page.locator(".secret code").waitFor();
  await visitor.inspect("an API key");
  await page.keyboard.press("Escape");
  await page.locator(".secret").waitFor({ state: "detached" });
}

module.exports = { TABS, importReport, orders, product, query, runQuery, settings, sources };
