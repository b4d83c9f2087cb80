// Errands with files that take a while: a list that leaves as one, and an import that is stopped,
// goes on and is undone.

const { readFileSync } = require("node:fs");
const { goToShop, numberOf, openJobs } = require("./errands-people.cjs");

/** Limits of what the server works at, in milliseconds. */
const WAITS = { work: 180_000, download: 30_000 };

/** Rows of a file that takes long enough to be stopped on the way. */
const ROWS = 120_000;

async function exportList(visitor) {
  const { page } = visitor;
  await visitor.menu("customers");
  await visitor.open("/customers?paid_orders_min=2");
  const foot = await page.locator(".list-foot").innerText();
  const listed = numberOf(foot.split("·")[0]);
  await visitor.press("customer.export");
  await openJobs(visitor);
  const job = page.locator(".jobs li", { hasText: visitor.t("jobs.kind.export") }).first();
  await job.getByText(visitor.t("jobs.state.done")).waitFor({ timeout: WAITS.work });
  const [download] = await Promise.all([
    page.waitForEvent("download", { timeout: WAITS.download }),
    job.getByRole("button", { name: visitor.t("jobs.get") }).click(),
  ]);
  const [head, ...rows] = readFileSync(await download.path(), "utf8")
    .trim()
    .split("\n");
  if (!/customer/.test(head)) throw new Error(`the file begins with ${head}`);
  if (!listed || rows.length !== listed) {
    throw new Error(`the list has ${listed} people, its file ${rows.length}`);
  }
  await page.keyboard.press("Escape");
}

function longFile() {
  const rows = ["订单号,客户编号,商品编码,数量,单价,付款时间"];
  for (let n = 0; n < ROWS; n += 1) {
    rows.push(`L${n},k${n % 20_000},s1,1,12.00,2025-03-01 10:00:00`);
  }
  return Buffer.from(rows.join("\n"));
}

async function longImport(visitor) {
  const { page } = visitor;
  await goToShop(visitor, visitor.ownShop);
  await visitor.open("/imports/new");
  const file = { name: "orders.csv", mimeType: "text/csv", buffer: longFile() };
  await page.setInputFiles("input[type=file]", file);
  await page.locator(".import-files li", { hasText: file.name }).waitFor({ timeout: WAITS.work });
  await visitor.press("act.next");
  await page.locator(".import-columns").waitFor();
  await visitor.press("act.next");
  await page.locator(".import-rows").waitFor({ timeout: WAITS.work });
  await visitor.press("import.to_dry_run");
  await page.locator(".figure-row").first().waitFor({ timeout: WAITS.work });
  await page.locator(".ant-btn-primary", { hasText: /\d/ }).click();
  await page.waitForURL(/imports\/(?!new)/);
  await page.getByLabel(visitor.t("import.progress")).waitFor();
  await visitor.press("import.cancel");
  await visitor.button("import.resume").waitFor({ timeout: WAITS.work });
  await visitor.see(visitor.t("import.state.cancelled"));
  await visitor.inspectBoth("a stopped import", "import-stopped");
  await visitor.press("import.resume");
  await visitor.button("import.undo").waitFor({ timeout: WAITS.work });
  await visitor.settle();
  const taken = await visitor.figure("import.rows_accepted");
  if (taken !== ROWS) throw new Error(`${taken} of ${ROWS} rows were taken after going on`);
  await visitor.press("import.undo");
  const dialog = page.getByRole("dialog");
  await visitor.inspect("undo an import");
  await dialog.getByRole("button", { name: visitor.t("import.undo"), exact: true }).click();
  await page
    .locator(".ant-tag", { hasText: visitor.t("import.state.undone") })
    .waitFor({ timeout: WAITS.work });
  await visitor.settle();
}

module.exports = { exportList, longImport };
