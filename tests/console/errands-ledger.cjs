// Errands about points: giving them by hand, a large amount that waits for somebody else, what was
// booked, and the rules by which they run out.

const REASON = "生日补发";
const LARGE = "周年庆大奖";
/** Points that one person may give, and that need another one. */
const SMALL = 120;
const MANY = 20_000;

/** Changes what a customer has by hand. */
async function adjust(visitor, own, amount, reason) {
  const { page } = visitor;
  await own.getByRole("button", { name: visitor.t("adjustment.make") }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("spinbutton", { name: visitor.t("adjustment.amount") }).fill(`${amount}`);
  await dialog.getByRole("textbox", { name: visitor.t("tier.reason") }).fill(reason);
  await visitor.inspect("points by hand", "customer-adjust");
  await dialog.getByRole("button", { name: visitor.t("act.save") }).click();
  await dialog.waitFor({ state: "detached" });
}

/** Waits until nothing is said in front of the page. */
async function quiet(visitor) {
  const said = visitor.page.locator(".said");
  await visitor.until("it is quiet", async () => (await said.count()) === 0);
}

/** A customer gets points, and a large amount waits. */
async function give(visitor) {
  const { page } = visitor;
  await visitor.open("/customers?paid_orders_min=2");
  await page.locator("tr.ant-table-row a[href^='/customers/']").first().click();
  const own = page.getByRole("region", { name: visitor.t("ledger.wallet") });
  await adjust(visitor, own, SMALL, REASON);
  await own.locator("dd", { hasText: `${SMALL}` }).waitFor();
  await adjust(visitor, own, MANY, LARGE);
  await visitor.see(visitor.t("adjustment.waits"));
  await quiet(visitor);
  await visitor.inspect("what a customer has", "customer-wallet");
  await own.getByRole("button", { name: visitor.t("ledger.past") }).click();
  await page.getByRole("dialog").getByText(REASON).waitFor();
  await visitor.inspect("what was booked", "customer-transfers");
  await page.keyboard.press("Escape");
}

/** What waits is seen and cannot be approved by whoever asked; the rules are changed. */
async function rule(visitor) {
  const { page } = visitor;
  await visitor.menu("ledger");
  const waiting = page.getByRole("region", { name: visitor.t("adjustment.waiting") });
  await waiting.getByText(LARGE).waitFor();
  await visitor.inspectBoth("what the shop has promised", "ledger");
  await waiting.getByText(visitor.t("adjustment.own")).waitFor();
  await waiting.getByRole("button", { name: visitor.t("adjustment.withdraw") }).click();
  await page.getByRole("dialog").locator(".ant-modal-footer .ant-btn-primary").click();
  await waiting.waitFor({ state: "detached" });
  const points = page.getByRole("region", { name: visitor.t("ledger.unit.points"), exact: true });
  await points.getByRole("button", { name: visitor.t("ledger.rules") }).click();
  const dialog = page.getByRole("dialog");
  const most = visitor.t("ledger.limit.spent_at_once");
  await dialog.getByRole("spinbutton", { name: most }).fill("500");
  await visitor.inspect("the rules of points", "ledger-rules");
  await dialog.getByRole("button", { name: visitor.t("act.save") }).click();
  await dialog.waitFor({ state: "detached" });
  await points.getByText(visitor.t("ledger.limit_text.spent_at_once", { amount: "500" })).waitFor();
}

async function ledger(visitor) {
  visitor.data.add(REASON).add(LARGE);
  await give(visitor);
  await rule(visitor);
}

module.exports = { ledger };
