// Errands about earning: a rule by which orders give points, what has been given by it, and what a
// purchase would earn.

const NAME = "每消费一元得一分";
const PLACEHOLDER = "0123456789";

/** A day so many days before today, as the server writes it. */
function daysAgo(days) {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, PLACEHOLDER.length);
}

/** Orders of the last weeks give points, twice as many on one day of the month. */
async function make(visitor) {
  const { page } = visitor;
  await visitor.menu("earn_rules");
  await visitor.see(visitor.t("earn.empty"));
  await visitor.inspect("no rules yet", "earn-none");
  await page
    .getByRole("button", { name: visitor.t("earn.new") })
    .first()
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: visitor.t("earn.name") }).fill(NAME);
  const first = dialog.getByRole("textbox", { name: visitor.t("earn.first_day") });
  await first.fill(daysAgo(60));
  await first.press("Enter");
  await dialog.getByRole("combobox", { name: visitor.t("earn.add_boost") }).click();
  await page.getByTitle(visitor.t("earn.when.month_day"), { exact: true }).click();
  await visitor.inspect("a rule by which customers earn", "earn-new");
  await dialog.getByRole("button", { name: visitor.t("act.save") }).click();
  await dialog.waitFor({ state: "detached" });
  const row = page.getByRole("row").filter({ hasText: NAME });
  await row.waitFor();
  await visitor.until("orders have earned points", async () => {
    await page.reload();
    await row.waitFor();
    const given = await row.locator("td").nth(2).textContent();
    return !given.trim().startsWith("0");
  });
  await visitor.inspectBoth("by what customers earn", "earn-rules");
}

/** What a purchase would earn is told, and nothing is booked. */
async function ask(visitor) {
  const { page } = visitor;
  await page.getByRole("button", { name: visitor.t("earn.would") }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("spinbutton", { name: visitor.t("earn.would_money") }).fill("199");
  await dialog.getByRole("button", { name: visitor.t("earn.would_ask") }).click();
  await dialog.getByText(NAME).waitFor();
  await visitor.inspect("what a purchase would earn", "earn-would");
  await page.keyboard.press("Escape");
}

async function earn(visitor) {
  visitor.data.add(NAME);
  await make(visitor);
  await ask(visitor);
}

module.exports = { earn };
