// How Lighthouse judges the console's overview, signed in, as a desktop sees it:
//
//     page.cjs CHROMIUM ADDRESS START-TOKEN
//
// The owner begins with the token. It says a line of JSON for each category: its name and its
// score of a hundred, the median of the runs.

const { launch } = require("chrome-launcher");
const { default: lighthouse, desktopConfig } = require("lighthouse");

const [chromePath, address, token] = process.argv.slice(2);

/** Runs of which the median counts. */
const RUNS = 3;
const CATEGORIES = ["accessibility", "performance"];
const PASSWORD = "a password of a bench";

async function begin() {
  const body = {
    token,
    user: { email: "owner@shop.example", name: "掌柜", password: PASSWORD },
    shop: { name: "demo", currency: "CNY", time_zone: "Asia/Shanghai", language: "zh-CN" },
  };
  const answer = await fetch(`${address}/api/v1/start`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`the first start was answered by ${answer.status}`);
  return answer.headers.get("set-cookie").split(";")[0];
}

async function main() {
  const cookie = await begin();
  const chrome = await launch({ chromePath, chromeFlags: ["--headless=new", "--no-sandbox"] });
  const scores = Object.fromEntries(CATEGORIES.map((category) => [category, []]));
  try {
    for (let run = 0; run < RUNS; run += 1) {
      const options = {
        port: chrome.port,
        onlyCategories: CATEGORIES,
        extraHeaders: { Cookie: cookie },
        logLevel: "error",
      };
      const { lhr } = await lighthouse(`${address}/`, options, desktopConfig);
      if (!lhr.finalDisplayedUrl.startsWith(`${address}/`) || lhr.finalDisplayedUrl.includes("sign-in")) {
        throw new Error(`it was led to ${lhr.finalDisplayedUrl}`);
      }
      for (const category of CATEGORIES) scores[category].push(lhr.categories[category].score * 100);
      const failed = Object.values(lhr.audits).filter(
        (audit) => audit.score !== null && audit.score < 0.9 && audit.scoreDisplayMode !== "informative",
      );
      for (const audit of failed) console.error(`${audit.id}: ${audit.score} ${audit.displayValue ?? ""}`);
    }
  } finally {
    chrome.kill();
  }
  for (const category of CATEGORIES) {
    const sorted = scores[category].sort((a, b) => a - b);
    console.log(JSON.stringify({ work: "page", figure: category, value: sorted[1] }));
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
