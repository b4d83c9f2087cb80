// Every page, in both languages, in the light and in the dark.

const { CHINESE } = require("./checks.cjs");
const { TABS, runQuery } = require("./errands-data.cjs");
const { goToShop, signIn } = require("./errands-people.cjs");

/** A page: the name of its pictures, its address, and what has to be done there first. */
function pagesOf(visitor) {
  const { customer, import: imported, link, order, other, ownShop, demoShop, product } = visitor;
  const otherId = other.path.split("/").at(-1);
  const demo = [
    ["overview", "/"],
    ["customers", "/customers"],
    ["customers-none", "/customers?q=nobody-has-this-name"],
    ["customer", customer],
    ["customer-merge", `${customer}?merge=${otherId}`],
    ["orders", "/orders"],
    ["order", order],
    ["products", "/products"],
    ["product", product],
    ["rfm", "/rfm"],
    ["rfm-thresholds", "/rfm?edit=1"],
    ["segments", "/segments"],
    ["segments-list", "/segments?list=1"],
    ["segment", visitor.segment],
    ["segment-edit", `${visitor.segment}/edit`],
    ["segment-private", visitor.secret],
    ["segment-private-edit", `${visitor.secret}/edit`],
    ["tags", "/tags"],
    ["customers-tagged", "/customers?tag=1"],
    ["tiers", "/tiers"],
    ["customers-level", "/customers?tier=6"],
    ["activities", "/activities"],
    ["ledger", "/ledger"],
    ["earn-rules", "/earn-rules"],
    ["coupons", "/coupons"],
    ["promotions", "/promotions"],
    ["promotions-stacking", "/promotions?tab=stacking"],
    ["promotions-quote", "/promotions?tab=quote"],
    ["promotions-checkout", "/promotions?tab=checkout"],
    ["rewards", "/rewards"],
    ["rewards-exchange", "/rewards?tab=exchange"],
    ["lifecycle", "/lifecycle"],
    ["preferences", "/preferences"],
    ["positioning", "/positioning"],
    ["query", "/query", runQuery],
    ...TABS.map((tab) => [`settings-${tab}`, `/settings?tab=${tab}`]),
    ["settings-new-shop", "/settings?tab=shop&new=1"],
    ["nowhere", "/nowhere"],
    ["link", link],
  ];
  const own = [
    ["own-overview", "/"],
    ["imports", "/imports"],
    ["import-new", "/imports/new"],
    ["import", imported, expectReasons],
    ["sources", "/sources"],
    ["sources-new", "/sources?new=1"],
    ["own-audit", "/settings?tab=audit"],
  ];
  return [
    [demoShop, demo],
    [ownShop, own],
  ];
}

/** The server says why a row was rejected, in the language of whoever reads it. */
async function expectReasons(visitor) {
  const reasons = await visitor.page.locator("section tbody td:last-child").allInnerTexts();
  const strange = reasons.find((reason) => CHINESE.test(reason) !== (visitor.lang === "zh"));
  if (strange) visitor.fault(`reason in the other language: ${strange}`);
}

async function seeEveryPage(visitor) {
  await visitor.page.goto(`${visitor.base}/sign-in`);
  await signIn(visitor);
  for (const [shop, pages] of pagesOf(visitor)) {
    await visitor.open("/");
    await goToShop(visitor, shop);
    for (const lang of ["zh", "en"]) {
      await visitor.open("/");
      await visitor.speak(lang);
      for (const [name, path, prepare] of pages) {
        visitor.where = `${name} (${lang})`;
        await visitor.open(path);
        if (prepare) await prepare(visitor);
        await visitor.inspect(name, name);
      }
    }
    await visitor.open("/");
    await visitor.speak("zh");
  }
}

module.exports = { seeEveryPage };
