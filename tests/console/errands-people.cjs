// Errands from the first start to the people of a shop, and the way out and in.

/** Until the demo shop is whole, in milliseconds. */
const DEMO_WAIT = 300_000;

const OWNER = {
  name: "林掌柜",
  email: "lin@example.com",
  password: "a sentence of words",
};
const SHOP = "林家铺子";

/** The number that a text begins with or consists of. */
const numberOf = (text) => Number(text.replace(/[^\d]/g, ""));

/** Also in English: this page is seen once, and has a switch of its own. */
async function inspectEntrance(visitor, where) {
  const { page } = visitor;
  await visitor.inspect(where, where);
  for (const lang of ["en", "zh"]) {
    await page.getByRole("button", { name: visitor.t(`language.${lang}`) }).click();
    visitor.lang = lang;
    await page.locator(`html[lang="${lang === "zh" ? "zh-CN" : "en"}"]`).waitFor();
    if (lang === "en") await visitor.inspect(where, where);
  }
}

async function start(visitor, token) {
  const { page } = visitor;
  await visitor.open(`/start#${token}`);
  await inspectEntrance(visitor, "start-token");
  await visitor.press("act.next");
  await visitor.fill("me.name", OWNER.name);
  await visitor.fill("sign_in.email", OWNER.email);
  await visitor.fill("sign_in.password", OWNER.password);
  await inspectEntrance(visitor, "start-owner");
  await visitor.press("act.next");
  await visitor.fill("shop.name", SHOP);
  await inspectEntrance(visitor, "start-shop");
  await visitor.press("start.create");
  await page.locator(".way").first().waitFor();
  await inspectEntrance(visitor, "start-data");
}

/** Shows what the server works at. */
async function openJobs(visitor) {
  const busy = visitor.t("jobs.running", { count: "\\d+" });
  const name = new RegExp(`${visitor.t("jobs.title")}|${busy}`);
  await visitor.page.getByRole("button", { name }).click();
}

/** The demo shop is made while one waits; the console says so, and shows it when it is there. */
async function demo(visitor) {
  const { page } = visitor;
  await page.locator(".way", { hasText: visitor.t("start.way_demo") }).click();
  await visitor.see(visitor.t("demo.started"));
  const bar = page.locator(".bar-shop").filter({ hasNotText: SHOP });
  visitor.demoShop = (await bar.innerText()).trim();
  visitor.ownShop = SHOP;
  visitor.data.add(SHOP).add(visitor.demoShop);
  await openJobs(visitor);
  const job = page.locator(".jobs li", {
    hasText: visitor.t("jobs.kind.demo"),
  });
  await job.waitFor();
  await job.getByText(visitor.t("jobs.state.done")).waitFor({ timeout: DEMO_WAIT });
  await visitor.inspect("jobs", "jobs");
  await page.keyboard.press("Escape");
  await page.locator(".summary").waitFor();
  await visitor.settle();
}

async function overview(visitor) {
  const { page } = visitor;
  await visitor.see(visitor.t("overview.todo"));
  const sum = page.locator(".summary");
  const before = await sum.innerText();
  await page.getByText(visitor.t("overview.period_90"), { exact: true }).click();
  await page.waitForURL(/period=90/);
  const another = async () => (await sum.innerText()) !== before;
  await visitor.until("another period is summed up", another);
  await visitor.press("chart.as_table");
  const whole = async () => (await page.locator(".chart tbody tr").count()) === 90;
  await visitor.until("a row for each of 90 days", whole);
  await visitor.inspect("the trend as a table");
  await visitor.press("chart.as_chart");
}

async function rfm(visitor) {
  const { page } = visitor;
  await visitor.menu("rfm");
  // The demo shop has runs of months before: who moved can be seen.
  await page.locator(".chart canvas").first().waitFor();
  await page.locator("li.sheet .stratum-foot", { hasText: /\+\d/ }).first().waitFor();
  await visitor.press("rfm.thresholds");
  const drawer = page.getByRole("dialog");
  await drawer.getByLabel(visitor.t("rfm.high_mean"), { exact: true }).check();
  await visitor.inspect("thresholds with the sizes that they give");
  await visitor.press("rfm.save");
  await drawer.waitFor({ state: "detached" });
  await visitor.settle();
  const cells = page.locator("button.matrix-cell");
  const sizes = (await cells.locator("b").allInnerTexts()).map(numberOf);
  const most = Math.max(...sizes);
  await cells.nth(sizes.indexOf(most)).click();
  await visitor.inspect("a chosen cell");
  await page.locator(".matrix-selection .go-button").click();
  await page.waitForURL(/customers\?.*r=/);
  await visitor.settle();
  const total = numberOf((await page.locator(".list-foot").innerText()).split("·")[0]);
  if (total !== most) throw new Error(`the cell has ${most} people, its list ${total}`);
}

async function customer(visitor) {
  const { page } = visitor;
  const names = page.locator("tr.ant-table-row a[href^='/customers/']");
  visitor.other = {
    name: (await names.nth(1).innerText()).trim(),
    path: await names.nth(1).getAttribute("href"),
  };
  await names.first().click();
  await page.locator(".profile").waitFor();
  await visitor.settle();
  visitor.customer = new URL(page.url()).pathname;
  visitor.data.add(await page.locator("h1").innerText());
  const entries = page.locator(".timeline-entry");
  const all = await entries.count();
  if (all === 0) throw new Error("the timeline is empty");
  await page.getByLabel(visitor.t("timeline.kind_order"), { exact: true }).check();
  await page.waitForURL(/kind=order/);
  await visitor.settle();
  const orders = await entries.count();
  if (orders === 0) throw new Error("there are no orders in the timeline");
  if ((await entries.locator("a[href^='/orders/']").count()) !== orders) {
    throw new Error("the timeline of orders has other things in it");
  }
  await page.getByLabel(visitor.t("timeline.kind_order"), { exact: true }).uncheck();
  await visitor.settle();
  if ((await entries.count()) !== all) throw new Error("the timeline is not whole again");
}

/** What is counted of somebody. */
async function countsOf(visitor) {
  const paid = await visitor.figure("customer.paid_orders");
  return { paid, net: await visitor.figure("customer.net_minor") };
}

async function merge(visitor) {
  const { page, other } = visitor;
  const before = await countsOf(visitor);
  await page.getByRole("button", { name: visitor.t("profile.more") }).click();
  await page.getByRole("menuitem", { name: visitor.t("customer.merge"), exact: true }).click();
  await page.getByRole("dialog").waitFor();
  await visitor.inspect("merge: who");
  await visitor.fill("customer.search_hint", other.name);
  await page
    .getByRole("dialog")
    .getByRole("button", { name: visitor.t("bar.search") })
    .click();
  await page.locator(".found", { hasText: other.name }).click();
  await visitor.see(visitor.t("merge.after"));
  await visitor.inspect("merge: both");
  await visitor.press("merge.go");
  await visitor.button("profile.part").waitFor();
  await visitor.settle();
  visitor.merged = new URL(page.url()).pathname;
  const both = await countsOf(visitor);
  if (both.paid <= before.paid) throw new Error(`${both.paid} orders after, ${before.paid} before`);
  await visitor.inspect("merged", "merged");
  await visitor.press("profile.part");
  await visitor.see(visitor.t("profile.part_title"));
  await visitor.inspect("take apart");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: visitor.t("profile.part"), exact: true }).click();
  await visitor.see(visitor.t("profile.parted"));
  await visitor.button("profile.part").waitFor({ state: "detached" });
  await visitor.open(visitor.customer);
  const after = await countsOf(visitor);
  if (after.paid !== before.paid || after.net !== before.net) {
    throw new Error(`${JSON.stringify(before)} before, ${JSON.stringify(after)} taken apart`);
  }
  await visitor.open(other.path);
  visitor.data.add(await page.locator("h1").innerText());
  const rest = both.paid - before.paid;
  const others = await countsOf(visitor);
  if (others.paid !== rest) throw new Error(`the other has ${others.paid} orders, not ${rest}`);
}

/** Finds somebody from anywhere. */
async function search(visitor) {
  const { page, other } = visitor;
  await visitor.open("/");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill(other.name);
  const found = page.getByRole("option").filter({ hasText: other.name });
  await found.waitFor();
  await visitor.inspect("search", "search");
  await found.click();
  await page.waitForURL(`**${other.path}`);
  await page.locator(".profile").waitFor();
}

async function signOut(visitor) {
  const { page } = visitor;
  const me = page.getByRole("button", {
    name: visitor.t("bar.me", { name: OWNER.name }),
  });
  await visitor.pick(me, visitor.t("bar.sign_out"));
  await page.waitForURL(/sign-in/);
  await page.locator("input[type=email]").waitFor();
}

async function signIn(visitor) {
  const { page } = visitor;
  await inspectEntrance(visitor, "sign-in");
  await visitor.fill("sign_in.email", OWNER.email);
  await visitor.fill("sign_in.password", OWNER.password);
  await page.locator("button[type=submit]").click();
  await page.locator(".bar-shop").waitFor();
  await visitor.settle();
}

async function goToShop(visitor, name) {
  const { page } = visitor;
  const bar = page.locator(".bar-shop");
  if ((await bar.innerText()).trim() === name) return;
  await visitor.pick(bar, name);
  await page.locator(".bar-shop", { hasText: name }).waitFor();
  await visitor.settle();
}

module.exports = {
  OWNER,
  customer,
  demo,
  goToShop,
  merge,
  numberOf,
  openJobs,
  overview,
  rfm,
  search,
  signIn,
  signOut,
  start,
};
