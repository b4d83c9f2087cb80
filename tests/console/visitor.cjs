// Somebody before the console: sees one page, finds things by what they are called, and notes
// down what is wrong with what they see.

const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { DATA, ENGLISH, inPage, runAxe, tellApart } = require("./checks.cjs");

/** How long each thing may take, in milliseconds. */
const LIMITS = {
  /** Until what was clicked or looked for is there. */
  act: 15_000,
  /** Until a page has loaded and stands still. */
  settle: 30_000,
  /** Until one run of axe has ended. */
  axe: 60_000,
};
/** Between two looks at a page that has yet to stand still, in milliseconds. */
const LOOK = 20;
/** Looks in a row at which it stood still, so that what follows an answer has begun. */
const STILL = 3;
/** Places of a finding that are printed at most. */
const PLACES_MAX = 6;

/** What Chromium writes of an answer that refuses something. */
const REFUSED = /Failed to load resource: the server responded with a status of 4\d\d/;

const TEXTS = join(__dirname, "../../web/src/text");
const readText = (name) => JSON.parse(readFileSync(join(TEXTS, `${name}.json`), "utf8"));
const readTexts = (lang) => ({
  ...readText(lang),
  ...readText(`page-${lang}`),
});
const texts = { zh: readTexts("zh"), en: readTexts("en") };
const axeSource = readFileSync(require.resolve("axe-core"), "utf8");

class Visitor {
  constructor(page, base, folder) {
    Object.assign(this, {
      page,
      base,
      folder,
      lang: "zh",
      where: "",
      faults: [],
    });
    this.asked = new Set();
    this.axe = { checked: 0, serious: 0 };
    this.screenshots = 0;
    this.pages = new Set();
    /** Whether what is done now is refused, of which browsers write a line. */
    this.refused = false;
    /** Names of people, shops and products, which are the same in every language. */
    this.data = new Set();
    page.setDefaultTimeout(LIMITS.act);
    this.#listen();
  }

  #listen() {
    const { page } = this;
    page.on("console", (message) => {
      if (message.type() !== "error") return;
      if (this.refused && REFUSED.test(message.text())) return;
      this.fault(`console error: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => this.fault(`uncaught: ${error.stack ?? error.message}`));
    page.on("response", (response) => {
      if (response.status() < 500) return;
      this.fault(`${response.status()} to ${response.request().method()} ${response.url()}`);
    });
    page.on("request", (request) => {
      this.asked.add(request);
      const known = [`${this.base}/`, "data:", "blob:"].some((at) => request.url().startsWith(at));
      if (!known) this.fault(`somebody else is asked: ${request.url()}`);
    });
    page.on("requestfinished", (request) => this.asked.delete(request));
    page.on("requestfailed", (request) => this.asked.delete(request));
  }

  /** Notes once that something is wrong here. */
  fault(what) {
    const { where } = this;
    if (this.faults.some((one) => one.where === where && one.what === what)) return;
    this.faults.push({ where, what });
  }

  /** A text of the console in the language that it speaks. */
  t(key, values = {}) {
    const found = key.split(".").reduce((part, name) => part?.[name], texts[this.lang]);
    const plural = key.replace(/[^.]+$/, (name) => `${name}_other`);
    const text = found ?? plural.split(".").reduce((part, name) => part?.[name], texts[this.lang]);
    if (typeof text !== "string") throw new Error(`there is no text ${key}`);
    return text.replace(/\{\{(\w+)[^}]*\}\}/g, (_, name) => String(values[name] ?? ""));
  }

  /** Waits until something holds. */
  async until(what, holds, limit = LIMITS.act) {
    const end = Date.now() + limit;
    for (;;) {
      const got = await holds();
      if (got) return got;
      if (Date.now() > end) throw new Error(`not within ${limit} ms: ${what}`);
      await new Promise((later) => setTimeout(later, LOOK));
    }
  }

  /** Waits until the page has all it asked for, and nothing on it moves. */
  async settle() {
    let still = 0;
    const calm = async () => {
      // A page that is being left cannot be asked; the next one can.
      const rests = () => this.page.evaluate(inPage.rests).catch(() => false);
      still = this.asked.size === 0 && (await rests()) ? still + 1 : 0;
      return still >= STILL;
    };
    await this.until("the page stands still", calm, LIMITS.settle);
  }

  async open(path) {
    // Whatever the last page still waited for is given up with it.
    this.asked.clear();
    await this.page.goto(this.base + path, { timeout: LIMITS.settle });
    await this.settle();
  }

  button(key, values) {
    return this.page.getByRole("button", {
      name: this.t(key, values),
      exact: true,
    });
  }

  async press(key, values) {
    await this.button(key, values).click();
  }

  async fill(key, text) {
    await this.page.getByLabel(this.t(key), { exact: true }).fill(text);
  }

  async see(text) {
    await this.page.getByText(text).first().waitFor();
  }

  /** Goes to a page by the menu at the side. */
  async menu(name) {
    const { page } = this;
    await page
      .locator("nav.menu")
      .getByRole("link", { name: this.t(`nav.${name}`), exact: true })
      .click();
    await page.locator("h1", { hasText: this.t(`nav.${name}`) }).waitFor();
    await this.settle();
  }

  /** Picks from a menu that a button of the top bar opens. */
  async pick(button, item) {
    await button.click();
    const wanted = this.page.getByRole("menuitem", { name: item, exact: true });
    await wanted.waitFor();
    // A menu that has just opened is not yet where it will be.
    await this.settle();
    await wanted.click();
    await wanted.waitFor({ state: "hidden" });
    await this.settle();
  }

  /** The number of a figure, by its name. */
  async figure(key) {
    const { page } = this;
    const name = page.locator(".figure-name", {
      hasText: new RegExp(`^${this.t(key)}$`),
    });
    const value = page.locator(".figure", { has: name }).first().locator("dd").first();
    return Number((await value.innerText()).replace(/[^\d.]/g, ""));
  }

  async speak(lang) {
    if (this.lang === lang) return;
    // What was said in passing stays as it was said.
    const silent = async () => (await this.page.locator(".said").count()) === 0;
    await this.until("nothing is being said", silent);
    const language = this.page.getByRole("button", {
      name: this.t("bar.language"),
    });
    await this.pick(language, this.t(`language.${lang}`));
    this.lang = lang;
    await this.page.locator(`html[lang="${lang === "zh" ? "zh-CN" : "en"}"]`).waitFor();
    await this.settle();
  }

  /** Looks at what is before them, in the light and in the dark. */
  async inspect(where, shot) {
    const outer = this.where;
    this.where = `${where} (${this.lang}, light)`;
    await this.settle();
    await this.#read();
    if (shot) await this.#shoot(shot);
    await this.#measure();
    this.where = `${where} (${this.lang}, dark)`;
    await this.#light("dark");
    await this.settle();
    await this.#measure();
    await this.#light("light");
    this.where = outer;
  }

  /** Also in the other language; for what no address leads to. */
  async inspectBoth(where, shot) {
    await this.inspect(where, shot);
    await this.speak("en");
    await this.inspect(where, shot);
    await this.speak("zh");
  }

  /** As the system has it; the console follows. */
  async #light(mode) {
    await this.page.emulateMedia({ colorScheme: mode });
    await this.page.locator(`html[data-mode="${mode}"]`).waitFor({ state: "attached" });
  }

  async #read() {
    const { page, lang } = this;
    const wide = await page.evaluate(inPage.overflow);
    if (wide) this.fault(`wider than the window by ${wide.by} px: ${wide.of.join(", ")}`);
    for (const { why, text, at } of await page.evaluate(inPage.unreadable)) {
      this.fault(`${why}: ${JSON.stringify(text)} at ${at}`);
    }
    const strange = await page.evaluate(inPage.strangeTexts, {
      sections: Object.keys(texts.zh),
      other: tellApart(texts[lang], texts[lang === "zh" ? "en" : "zh"]),
      english: lang === "en" ? ENGLISH : null,
      data: { places: DATA, names: [...this.data] },
    });
    for (const { why, text, at } of strange) this.fault(`${why}: ${JSON.stringify(text)} at ${at}`);
  }

  async #measure() {
    const { page } = this;
    if (!(await page.evaluate("Boolean(window.axe)"))) await page.evaluate(`${axeSource};0`);
    const late = new Promise((_, fail) => {
      setTimeout(() => fail(new Error(`axe takes more than ${LIMITS.axe} ms`)), LIMITS.axe).unref();
    });
    const found = await Promise.race([page.evaluate(runAxe), late]);
    this.axe.checked += 1;
    for (const { rule, impact, places } of found) {
      this.axe.serious += places.length;
      const shown = places.slice(0, PLACES_MAX).join(" | ");
      this.fault(`axe, ${impact}: ${rule} at ${places.length} places: ${shown}`);
    }
  }

  async #shoot(name) {
    const path = join(this.folder, `${name}.${this.lang}.png`);
    await this.page.screenshot({
      path,
      fullPage: true,
      timeout: LIMITS.settle,
    });
    this.screenshots += 1;
    this.pages.add(name);
  }
}

module.exports = { Visitor };
