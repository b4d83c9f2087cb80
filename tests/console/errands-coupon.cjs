// Errands about coupons: one that is made with what it can cost, handed out to a segment, and found
// again with whoever holds it.

const NAME = "满三百减四十";
const FROM = "300";
const OFF = "40";
const STOCK = "50000";

/** Makes a coupon whose limits are all chosen. */
async function make(visitor) {
  const { page } = visitor;
  await visitor.menu("coupons");
  await visitor.see(visitor.t("coupon.empty"));
  await visitor.inspectBoth("no coupons", "coupons-none");
  await page
    .getByRole("button", { name: visitor.t("coupon.new") })
    .first()
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: visitor.t("coupon.name") }).fill(NAME);
  const number = (label) => dialog.getByRole("spinbutton", { name: visitor.t(label), exact: true });
  await number("coupon.from_money").fill(FROM);
  await number("coupon.money_off").fill(OFF);
  const save = dialog.getByRole("button", { name: visitor.t("act.save") });
  await visitor.until("limits have to be chosen", async () => save.isDisabled());
  await number("coupon.limit.stock").fill(STOCK);
  await dialog.getByRole("checkbox", { name: visitor.t("coupon.unlimited.budget") }).check();
  await dialog.getByRole("status").waitFor();
  await visitor.inspect("a new coupon", "coupon-new");
  await save.click();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("row").filter({ hasText: NAME }).waitFor();
}

/** Hands it out to everybody in a segment; one of them has it on their page. */
async function issue(visitor) {
  const { page } = visitor;
  const row = page.getByRole("row").filter({ hasText: NAME });
  await row.getByRole("button", { name: visitor.t("coupon.issue"), exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: visitor.t("tier.who") }).click();
  await page
    .locator(".ant-select-dropdown:visible .ant-select-item-option", {
      hasText: visitor.segmentName,
    })
    .click();
  await visitor.inspect("a coupon for a segment", "coupon-issue");
  await dialog.locator(".ant-modal-footer .ant-btn-primary").click();
  await dialog.waitFor({ state: "detached" });
  await row.getByRole("button", { name: visitor.t("coupon.batches") }).click();
  const codes = dialog.getByRole("button", { name: visitor.t("coupon.codes") });
  await codes.waitFor();
  const silent = async () => (await page.locator(".said").count()) === 0;
  await visitor.until("nothing is being said", silent);
  await visitor.inspect("what was handed out", "coupon-batches");
  await codes.click();
  const holder = dialog.locator("a[href^='/customers/']").first();
  await holder.waitFor();
  const code = (await dialog.locator("code").first().textContent()).trim();
  visitor.data.add(code);
  await visitor.inspect("codes of a coupon", "coupon-codes");
  await holder.click();
  const own = page.getByRole("region", { name: visitor.t("nav.coupons") });
  await own.getByText(NAME).waitFor();
  await visitor.inspect("a customer's coupons", "customer-coupons");
  return code;
}

/** A code that a buyer names is found, however it is written. */
async function find(visitor, code) {
  const { page } = visitor;
  await visitor.menu("coupons");
  await page.getByRole("button", { name: visitor.t("coupon.find") }).click();
  const dialog = page.getByRole("dialog");
  const box = dialog.getByRole("searchbox", { name: visitor.t("coupon.code") });
  await box.fill(code.toLowerCase());
  await box.press("Enter");
  await dialog.getByText(NAME).waitFor();
  await visitor.inspect("a code that was found", "coupon-found");
  await page.keyboard.press("Escape");
}

async function coupon(visitor) {
  visitor.data.add(NAME);
  await make(visitor);
  const code = await issue(visitor);
  await find(visitor, code);
}

module.exports = { coupon };
