// Signs in through a provider as a person does, in Chromium:
//
//     signing.cjs CHROMIUM ADDRESS NAME
//
// NAME is who they are at the provider. It says in a line of JSON where they ended and what the
// server knows of them.

const { chromium } = require("playwright-core");

const [executablePath, address, name] = process.argv.slice(2);

/** How long a page may take, in milliseconds. */
const PAGE_MAX = 30_000;

async function main() {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage({ locale: "en" });
    page.setDefaultTimeout(PAGE_MAX);
    await page.goto(`${address}/sign-in?back=%2Fproducts`);
    await page.getByRole("link", { name: "Sign in with Example" }).click();
    await page.locator("input[name=login]").fill(name);
    await page.locator("input[name=password]").fill("any");
    await page.locator("button[type=submit]").click();
    // The provider asks whether the shop may know who they are.
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL((url) => url.href.startsWith(address) && !url.pathname.includes("/oidc"));
    await page.locator("h1").first().waitFor();
    const session = await page.request.get(`${address}/api/v1/session`);
    const alert = page.getByRole("alert");
    // Whoever is not let in is told why, a moment after the page stands.
    if (new URL(page.url()).pathname === "/sign-in") await alert.first().waitFor();
    console.log(
      JSON.stringify({
        path: new URL(page.url()).pathname,
        said: (await alert.count()) > 0 ? await alert.first().innerText() : "",
        session: session.ok() ? await session.json() : null,
      }),
    );
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
