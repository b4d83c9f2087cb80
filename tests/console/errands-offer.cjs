// Errands about offers: a promotion that is made, a cart that is tried, an order whose checkout
// gives back a piece, and a reward for points.

const NAME = "满三百减四十活动";
const FROM = "300";
const OFF = "40";
const GOODS = "大衣样品";
const ORDER = "T-20261111";
const REWARD = "一分换券";
/** What two pieces at 300 come to less 40, in minor units; and what one of them gives back. */
const PIECE_MINOR = 30_000;

/** Makes a promotion that goes on until somebody ends it. */
async function make(visitor) {
  const { page } = visitor;
  await visitor.menu("promotions");
  await visitor.see(visitor.t("promotion.empty"));
  await visitor.inspectBoth("no promotions", "promotions-none");
  await page
    .getByRole("button", { name: visitor.t("promotion.new") })
    .first()
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: visitor.t("coupon.name") }).fill(NAME);
  const number = (label) => dialog.getByRole("spinbutton", { name: visitor.t(label), exact: true });
  await number("coupon.from_money").fill(FROM);
  await number("coupon.money_off").fill(OFF);
  const save = dialog.getByRole("button", { name: visitor.t("act.save") });
  await visitor.until("an end has to be chosen", async () => save.isDisabled());
  await dialog.getByRole("checkbox", { name: visitor.t("promotion.never") }).check();
  const start = dialog.getByRole("textbox", { name: visitor.t("promotion.starts") });
  await start.fill("2026-01-01 00:00");
  await start.press("Enter");
  await dialog.getByRole("status").waitFor();
  await visitor.inspect("a new promotion", "promotion-new");
  await save.click();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("row").filter({ hasText: NAME }).waitFor();
}

/** Tries a cart of goods that the catalog does not know. */
async function quote(visitor) {
  const { page } = visitor;
  await visitor.open("/promotions?tab=quote");
  await page.getByRole("textbox", { name: visitor.t("quote.sku") }).fill(GOODS);
  const number = (label) => page.getByRole("spinbutton", { name: visitor.t(label), exact: true });
  await number("quote.unit").fill("290");
  await visitor.press("quote.ask");
  await page.getByText(visitor.t("quote.misses")).waitFor();
  await visitor.inspect("a cart that lacks a little", "quote-miss");
  await number("quote.pieces").fill("2");
  await visitor.press("quote.ask");
  await page.getByText(visitor.t("quote.steps")).waitFor();
  await page.locator("ol").getByText(NAME).waitFor();
  await visitor.inspect("a cart with a promotion", "quote");
}

/** What a till does with the API, as whoever is signed in: an order is held and paid. */
async function pay(visitor) {
  return visitor.page.evaluate(
    async ({ order, sku, unit }) => {
      const session = await (await fetch("/api/v1/session")).json();
      const shop = localStorage.getItem("shuke.shop") ?? session.shops[0].shop_id;
      const post = async (path, step, body) => {
        const headers = {
          "Content-Type": "application/json",
          "Idempotency-Key": `${order}/${step}`,
          "X-CSRF-Token": session.csrf,
          "X-Shop": shop,
        };
        const sent = { method: "POST", headers, body: JSON.stringify(body) };
        const answer = await fetch(`/api/v1/checkouts${path}`, sent);
        if (!answer.ok) throw new Error(await answer.text());
        return answer.json();
      };
      const cart = { lines: [{ sku, pieces: 2, unit_minor: unit }] };
      const { checkout_id: id } = await post("", "lock", { order, cart });
      await post(`/${id}/redeem`, "paid", {});
      return id;
    },
    { order: ORDER, sku: GOODS, unit: PIECE_MINOR },
  );
}

/** Finds the checkout of an order and gives one piece back. */
async function refund(visitor) {
  const { page } = visitor;
  const id = await pay(visitor);
  await visitor.open("/promotions?tab=checkout");
  const row = page.getByRole("row").filter({ hasText: ORDER });
  await row.getByText(visitor.t("checkout.state.redeemed")).waitFor();
  await row.getByRole("button", { name: visitor.t("checkout.look") }).click();
  const dialog = page.getByRole("dialog", { name: visitor.t("checkout.title", { id }) });
  const pieces = dialog.getByRole("spinbutton");
  await pieces.fill("1");
  await dialog.getByText("¥280.00").first().waitFor();
  await visitor.inspect("a checkout", "checkout");
  await dialog.getByRole("button", { name: visitor.t("checkout.give_back") }).click();
  const sure = page.getByRole("dialog", { name: visitor.t("checkout.give_back") });
  await sure.locator(".ant-modal-footer .ant-btn-primary").click();
  await sure.waitFor({ state: "detached" });
  await dialog.getByText(visitor.t("checkout.of", { left: 1, all: 2 })).waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
}

/** Makes a reward for points, and sees what taking it for a customer would cost. */
async function reward(visitor) {
  const { page } = visitor;
  await visitor.menu("rewards");
  await visitor.see(visitor.t("reward.empty"));
  await visitor.inspectBoth("no rewards", "rewards-none");
  await page
    .getByRole("button", { name: visitor.t("reward.new") })
    .first()
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: visitor.t("coupon.name") }).fill(REWARD);
  await dialog.getByRole("radio", { name: visitor.t("reward.kind.coupon") }).click();
  await dialog.getByRole("combobox", { name: visitor.t("reward.kind.coupon") }).click();
  await page.locator(".ant-select-dropdown:visible .ant-select-item-option").first().click();
  const number = (label) => dialog.getByRole("spinbutton", { name: visitor.t(label), exact: true });
  await number("reward.points").fill("1");
  await number("reward.cash").fill("9.9");
  await dialog.getByRole("checkbox", { name: visitor.t("promotion.never") }).check();
  await visitor.inspect("a new reward", "reward-new");
  await dialog.getByRole("button", { name: visitor.t("act.save") }).click();
  await dialog.waitFor({ state: "detached" });
  const row = page.getByRole("row").filter({ hasText: REWARD });
  const silent = async () => (await page.locator(".said").count()) === 0;
  await visitor.until("nothing is being said", silent);
  await row.getByRole("button", { name: visitor.t("reward.take") }).click();
  await dialog
    .getByRole("textbox", { name: visitor.t("quote.customer") })
    .fill(visitor.customer.split("/").at(-1));
  await visitor.inspect("a reward for a customer", "reward-take");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
}

async function offer(visitor) {
  for (const own of [NAME, GOODS, ORDER, REWARD]) visitor.data.add(own);
  await make(visitor);
  await quote(visitor);
  await refund(visitor);
  await reward(visitor);
}

module.exports = { offer };
