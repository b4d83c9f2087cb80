// Errands with segments: one is put together, one looks at whom it means and why, and it counts.

/** Limits of what the server works at, in milliseconds. */
const WAITS = { counted: 30_000 };

const NAME = "买过两次";

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

async function segment(visitor) {
  const { page } = visitor;
  visitor.data.add(NAME);
  await visitor.menu("segments");
  await visitor.see(visitor.t("segment.empty"));
  await visitor.inspectBoth("no segments", "segments-none");
  await page.locator(".go-button.first").first().click();
  await page.waitForURL(/segments\/new/);
  await page.locator(".segment-size .big").waitFor();
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
  const link = page.locator("dl.facts a", { hasText: meant });
  await link.waitFor({ timeout: WAITS.counted });
  await link.click();
  await page.waitForURL(/customers\?segment=/);
  await visitor.see(visitor.t("segment.one"));
  await visitor.menu("lifecycle");
  await visitor.see(visitor.t("lifecycle.movement"));
}

module.exports = { segment };
