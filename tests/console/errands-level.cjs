// Errands about levels and activities: the plan, giving a level to many at once, and the one tag
// that makes somebody a member.

const NAME = "年度回馈";
const FAIR = "七夕入会";
const SIGN_UP = "报名七夕";
/** The levels that the demo shop begins with. */
const OF_DEMO = ["普通会员", "铜牌会员", "钻石会员"];

/** Chooses one of the options of a list in a dialog. */
async function pick(visitor, list, option) {
  const { page } = visitor;
  await page
    .getByRole("dialog")
    .getByRole("combobox", { name: visitor.t(list) })
    .click();
  await page
    .locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: option })
    .click();
}

async function save(visitor) {
  const dialog = visitor.page.getByRole("dialog");
  await dialog.getByRole("button", { name: visitor.t("act.save") }).click();
  await dialog.waitFor({ state: "detached" });
}

/** The plan that the shop began with is looked at and left alone, and its levels are removed. */
async function before(visitor) {
  const { page } = visitor;
  await visitor.menu("tiers");
  const part = page.getByRole("region", { name: visitor.t("tier.plan.one") });
  await part.getByRole("button", { name: visitor.t("act.edit") }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: visitor.t("tier.plan.ask") }).click();
  await dialog.getByRole("status").waitFor();
  await visitor.inspect("a plan of levels", "tier-plan");
  await dialog.getByRole("button", { name: visitor.t("act.cancel") }).click();
  await dialog.waitFor({ state: "detached" });
  const rows = page.locator("tbody tr", { has: page.locator("a[href^='/customers?tier=']") });
  for (let left = await rows.count(); left > 0; left -= 1) {
    const row = rows.first();
    await row.getByRole("button", { name: visitor.t("act.delete"), exact: true }).click();
    await dialog.getByRole("button", { name: visitor.t("tier.remove") }).click();
    await dialog.waitFor({ state: "detached" });
    await visitor.until("the level is gone", async () => (await rows.count()) < left);
  }
}

/** Customers reach levels by what they buy, as the suggested plan says. */
async function reach(visitor) {
  const { page } = visitor;
  await visitor.menu("tiers");
  const part = page.getByRole("region", { name: visitor.t("tier.plan.one") });
  await part.getByText(visitor.t("tier.plan.empty")).waitFor();
  await part.getByRole("button", { name: visitor.t("tier.plan.begin") }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: visitor.t("tier.plan.suggest") }).click();
  await dialog.getByRole("button", { name: visitor.t("tier.plan.ask") }).click();
  await dialog.getByRole("status").waitFor();
  await save(visitor);
  await part.getByText(visitor.t("tier.plan.free_shipping")).waitFor();
  const lowest = page.locator("tbody tr", { hasText: visitor.t("tier.usual_level.low") }).first();
  const people = lowest.locator("a[href^='/customers?tier=']");
  await visitor.until("buyers have it", async () => Number(await people.innerText()) !== 0);
  await visitor.inspectBoth("levels and their plan", "tiers-plan");
  await people.click();
  await page.locator("tr.ant-table-row a[href^='/customers/']").first().click();
  const own = page.getByRole("region", { name: visitor.t("tier.one") });
  await own.getByText(visitor.t("tier.why")).click();
  await own.getByText(visitor.t("tier.by.plan")).waitFor();
  await visitor.inspect("a level that was reached", "customer-progress");
}

/** Makes the usual three levels, and gives the highest to everybody in a segment. */
async function plan(visitor) {
  const { page } = visitor;
  await visitor.see(visitor.t("tier.empty"));
  await visitor.inspectBoth("no levels", "tiers-none");
  await visitor.press("tier.usual");
  const highest = visitor.t("tier.usual_level.high");
  for (const level of ["low", "middle", "high"]) {
    const name = visitor.t(`tier.usual_level.${level}`);
    visitor.data.add(name);
    await page.locator(".tag-mark", { hasText: name }).first().waitFor();
  }
  const row = page.locator("tbody tr", { hasText: highest }).first();
  await row.getByRole("button", { name: visitor.t("tier.give"), exact: true }).click();
  await pick(visitor, "tier.who", visitor.segmentName);
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("status").waitFor();
  await dialog.getByLabel(visitor.t("tier.reason")).fill(NAME);
  await visitor.inspect("a level for many", "tier-give");
  await dialog.locator(".ant-modal-footer .ant-btn-primary").click();
  await dialog.waitFor({ state: "detached" });
  const people = row.locator("a[href^='/customers?tier=']");
  await visitor.until("people have it", async () => !/^0$/.test(await people.innerText()));
  await row.getByRole("button", { name: visitor.t("tier.past"), exact: true }).click();
  await page.getByRole("dialog").getByText(NAME).waitFor();
  await visitor.inspect("who gave a level", "tier-past");
  await page.keyboard.press("Escape");
}

/** An activity, the tag by which people take part, and somebody whom the tag makes a member. */
async function recruit(visitor) {
  const { page } = visitor;
  const member = visitor.t("tier.usual_level.low");
  await visitor.menu("activities");
  await visitor.see(visitor.t("activity.empty"));
  await visitor.inspectBoth("no activities", "activities-none");
  await page.locator(".empty .ant-btn-primary").click();
  await page.getByRole("dialog").getByLabel(visitor.t("activity.name"), { exact: true }).fill(FAIR);
  await pick(visitor, "activity.tier", member);
  await visitor.inspect("a new activity", "activity-new");
  await save(visitor);
  await visitor.see(FAIR);
  await visitor.menu("tags");
  await visitor.press("tag.new");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(visitor.t("tag.name"), { exact: true }).fill(SIGN_UP);
  await pick(visitor, "tag.carries_activity", FAIR);
  await visitor.inspect("a tag that carries an activity", "tag-carries");
  await save(visitor);

  await visitor.open("/customers?paid_orders_max=0");
  await page.locator("tr.ant-table-row a[href^='/customers/']").first().click();
  const own = page.getByRole("region", { name: visitor.t("tier.one") });
  await own.getByText(visitor.t("tier.none_here")).waitFor();
  const tags = page.getByRole("region", { name: visitor.t("nav.tags") });
  await tags.getByRole("combobox", { name: visitor.t("tag.add_here") }).click();
  await page
    .locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: SIGN_UP })
    .click();
  await own.locator(".tag-mark", { hasText: member }).waitFor();
  await own.getByText(visitor.t("tier.why")).click();
  await visitor.inspect("a member by one tag", "customer-recruited");
  await tags.getByRole("button", { name: visitor.t("tag.take", { name: SIGN_UP }) }).click();
  await own.getByText(visitor.t("tier.none_here")).waitFor();
}

/** Tags and raises customers who are chosen from the list. */
async function chosen(visitor) {
  const { page } = visitor;
  await visitor.open("/customers");
  const boxes = page.locator("tr.ant-table-row .ant-checkbox-input");
  for (const at of [0, 1, 2]) await boxes.nth(at).check();
  const bar = page.locator(".bulk-bar");
  await visitor.inspect("chosen customers", "customers-chosen");
  await bar.getByRole("combobox", { name: visitor.t("tag.add_here") }).click();
  await page
    .locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: SIGN_UP })
    .click();
  await visitor.see(visitor.t("tag.done", { count: 3 }));
  await bar.getByRole("combobox", { name: visitor.t("tier.give") }).click();
  const lowest = visitor.t("tier.usual_level.low");
  await page
    .locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: lowest })
    .click();
  const dialog = page.getByRole("dialog");
  const told = visitor.t("tier.foreseen", { up: 0, down: 0, same: 3 });
  await dialog.getByRole("status").getByText(told).waitFor();
  await visitor.inspect("a level for the chosen", "customers-give");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
}

async function levels(visitor) {
  visitor.data.add(NAME).add(FAIR).add(SIGN_UP);
  for (const name of OF_DEMO) visitor.data.add(name);
  await before(visitor);
  await plan(visitor);
  await recruit(visitor);
  await chosen(visitor);
  await reach(visitor);
}

module.exports = { levels };
