// Errands with segments: one is put together, one looks at whom it means and why, and it counts.

/** Limits of what the server works at, in milliseconds. */
const WAITS = { counted: 30_000 };

const NAME = "买过两次";
const TAG = "常客";
const SAID = "先讲清凉";
/** Words that no grammar knows. */
const LOST = "用过券";
/** A segment to begin with that reads carts. */
const PRIVATE = { zh: "24 小时内加购", en: "Cart within 24 hours" };

/** Chooses in a select of the last condition. */
async function choose(visitor, title, wanted) {
  const { page } = visitor;
  const select = page.getByRole("combobox", { name: visitor.t(title), exact: true }).last();
  await select.click();
  await select.fill(visitor.t(wanted));
  const option = page.locator(".ant-select-dropdown:visible .ant-select-item-option", {
    hasText: new RegExp(`^${visitor.t(wanted)}$`),
  });
  await option.first().click();
  await visitor.settle();
}

function size(visitor) {
  return visitor.page.locator(".segment-size .big").innerText();
}

/** What nobody may look into: it shows its size at the most. */
async function privateOne(visitor) {
  const { page } = visitor;
  await visitor.menu("segments");
  const name = visitor.lang === "zh" ? PRIVATE.zh : PRIVATE.en;
  await page.getByRole("button", { name: `${visitor.t("segment.activate")} ${name}` }).click();
  await page.getByRole("link", { name, exact: true }).click();
  await page.waitForURL(/segments\/\d+$/);
  visitor.data.add(name);
  // Its note is kept in the language in which it was made.
  visitor.data.add(await page.locator("p.lead").innerText());
  await page
    .locator(".ant-tag", { hasText: visitor.t("segment.private") })
    .first()
    .waitFor();
  await page.locator(".segment-cells h3").first().waitFor({ timeout: WAITS.counted });
  await visitor.settle();
  visitor.secret = new URL(page.url()).pathname;
  const people = await page.locator("main a[href^='/customers']").count();
  if (people > 0) throw new Error(`a private segment leads to people in ${people} ways`);
  const id = visitor.secret.split("/").at(-1);
  const asked = page.context().request;
  const session = await (await asked.get(`${visitor.base}/api/v1/session`)).json();
  const shop = session.shops.find((one) => one.name === visitor.demoShop).shop_id;
  for (const path of [
    `customers?segment=${id}`,
    `segments/${id}/moves`,
    `segments/${id}/growth`,
    `segments/${id}/why/1`,
    `segments/compare?ids=${id}&field=net_minor`,
  ]) {
    const answer = await asked.get(`${visitor.base}/api/v1/${path}`, {
      headers: { "X-Shop": shop },
    });
    if (answer.status() !== 403) throw new Error(`${answer.status()} to ${path}`);
  }
}

/** Tags everybody in the segment, finds them by the tag, and undoes it. */
async function tag(visitor) {
  const { page } = visitor;
  visitor.data.add(TAG);
  await visitor.menu("tags");
  await visitor.see(visitor.t("tag.empty"));
  await visitor.inspectBoth("no tags", "tags-none");
  await page.locator(".empty .ant-btn-primary").click();
  await page.getByRole("dialog").getByLabel(visitor.t("tag.name"), { exact: true }).fill(TAG);
  await visitor.inspect("a new tag", "tag-new");
  await page
    .getByRole("dialog")
    .getByRole("button", { name: visitor.t("act.save") })
    .click();
  await page.locator(".tag-mark", { hasText: TAG }).waitFor();
  await visitor.press("tag.bulk");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: visitor.t("tag.of_segment") }).click();
  await page
    .locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: NAME })
    .click();
  await visitor.inspect("many at once", "tag-bulk");
  await dialog.getByRole("button", { name: visitor.t("tag.put_on") }).click();
  await dialog.waitFor({ state: "detached" });
  const people = page.locator("tbody a[href^='/customers?tag=']").first();
  await visitor.until("people have the tag", async () => !/^0$/.test(await people.innerText()));
  const size = await people.innerText();
  await people.click();
  await page.waitForURL(/customers\?tag=/);
  await visitor.settle();
  await page.locator("tr.ant-table-row a[href^='/customers/']").first().click();
  const own = page.getByRole("region", { name: visitor.t("nav.tags") });
  await own.locator(".tag-mark", { hasText: TAG }).waitFor();
  await own.getByRole("button", { name: visitor.t("tag.past") }).click();
  await page.getByRole("dialog").getByText(TAG).waitFor();
  await visitor.inspect("tags that came and went", "customer-tags-past");
  await page.keyboard.press("Escape");
  await visitor.menu("tags");
  if ((await people.innerText()) !== size) throw new Error("the tag has other people now");
  await visitor.press("tag.past");
  await page
    .getByRole("dialog")
    .getByRole("button", { name: visitor.t("tag.whom") })
    .click();
  await page.getByRole("dialog").last().locator("a[href^='/customers/']").first().waitFor();
  await visitor.inspect("whom a tagging concerned", "tag-whom");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
}

/** Says in words who is meant: what is understood becomes conditions, what is not is told. */
async function words(visitor) {
  const { page } = visitor;
  const said = ["广东", "近90天买过2次以上", "女性"];
  [...said, LOST].forEach((word) => visitor.data.add(word));
  const all = await size(visitor);
  await visitor.fill("segment.phrase.label", `${said[0]} ${said[1]} ${LOST}的${said[2]}`);
  await visitor.press("segment.phrase.go");
  await visitor.see(visitor.t("segment.phrase.unknown", { text: LOST }));
  await visitor.until("fewer are meant in words", async () => (await size(visitor)) !== all);
  await visitor.inspectBoth("conditions in words", "segment-words");
  const measure = page.getByRole("combobox", { name: visitor.t("segment.measure_field") });
  if ((await measure.count()) !== 1) throw new Error("how often is no measure");
  await page.reload();
  await page.locator(".segment-size .big").waitFor();
}

async function segment(visitor) {
  const { page } = visitor;
  visitor.data.add(NAME);
  await visitor.menu("segments");
  await visitor.see(visitor.t("segment.empty"));
  await visitor.inspectBoth("no segments", "segments-none");
  await page.locator(".go-button.first").first().click();
  await page.waitForURL(/segments\/new/);
  await page.locator(".segment-size .big").waitFor();
  await words(visitor);
  const all = await size(visitor);
  await visitor.fill("segment.name", NAME);
  await visitor.press("segment.add_rule");
  await choose(visitor, "segment.field_title", "segment.field.paid_orders");
  await choose(visitor, "segment.operator_title", "segment.op.>=");
  const value = visitor.t("segment.value_of", { field: visitor.t("segment.field.paid_orders") });
  await page.getByLabel(value, { exact: true }).fill("2");
  await visitor.until("fewer are meant", async () => (await size(visitor)) !== all);
  await visitor.settle();
  await visitor.inspectBoth("a segment as it is written", "segment-written");
  await page.locator(".segment-size li button").first().click();
  const drawer = page.getByRole("dialog");
  await drawer.getByText(visitor.t("segment.held_true"), { exact: true }).waitFor();
  await visitor.inspect("why somebody is meant", "segment-why");
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "detached" });
  const meant = await size(visitor);
  await visitor.press("segment.save_active");
  await page.waitForURL(/segments\/\d+$/);
  visitor.segment = new URL(page.url()).pathname;
  visitor.segmentName = NAME;
  const link = page.locator("dl.facts a", { hasText: meant });
  await link.waitFor({ timeout: WAITS.counted });
  await page.reload();
  await page
    .getByRole("button", { name: visitor.t("segment.all_of_day") })
    .first()
    .click();
  await page.getByRole("dialog").locator("a[href^='/customers/']").first().waitFor();
  await visitor.inspect("everybody who entered on a day", "segment-movers");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await link.click();
  await page.waitForURL(/customers\?segment=/);
  await visitor.see(visitor.t("segment.one"));
  await privateOne(visitor);
  await tag(visitor);
  await visitor.menu("lifecycle");
  await visitor.see(visitor.t("lifecycle.movement"));
  await preferences(visitor);
  await positioning(visitor);
}

/** Declares whom the shop is made for, and sees how much of its business they are. */
async function positioning(visitor) {
  const { page } = visitor;
  await visitor.menu("positioning");
  await visitor.see(visitor.t("positioning.declare"));
  for (const [attribute, value] of [
    ["gender", visitor.t("customer.gender_female")],
    ["region", "广东"],
  ]) {
    const name = visitor.t(`positioning.by.${attribute}`);
    await page.getByRole("combobox", { name, exact: true }).click();
    await page
      .locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: value })
      .first()
      .click();
    await page.keyboard.press("Escape");
  }
  await visitor.press("act.save");
  await visitor.see(visitor.t("positioning.inside"));
  await visitor.see(visitor.t("positioning.adjacent"));
  await visitor.inspectBoth("whom the shop is made for", "positioning");
}

/** Writes down what is to be said to the customers of a province. */
async function preferences(visitor) {
  const { page } = visitor;
  await visitor.menu("preferences");
  await visitor.see(visitor.t("preference.regions"));
  await visitor.press("preference.add");
  const province = { name: visitor.t("preference.on.province"), exact: true };
  await page.getByRole("combobox", province).fill("广东");
  await page.getByLabel(visitor.t("preference.text"), { exact: true }).fill(SAID);
  visitor.data.add(SAID);
  await visitor.inspectBoth("what is to be said", "preferences");
  await visitor.press("act.save");
  await visitor.see(visitor.t("act.saved"));
}

module.exports = { segment };
