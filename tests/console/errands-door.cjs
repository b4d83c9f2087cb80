// Errands at the door: other devices are signed out, and a second factor is asked for.

const { createHmac } = require("node:crypto");
const { OWNER, signOut } = require("./errands-people.cjs");

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/** Seconds for which a code holds. */
const STEP = 30;

/** The code of the moment, as an authenticator shows it (RFC 6238). */
function codeOf(secret) {
  const bits = [...secret].map((sign) => BASE32.indexOf(sign).toString(2).padStart(5, "0"));
  const bytes = bits.join("").match(/.{8}/g);
  const key = Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000 / STEP)));
  const hash = createHmac("sha1", key).update(step).digest();
  const at = hash.at(-1) & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** The headers of a session on another device. */
async function otherDevice(visitor) {
  const { email, password } = OWNER;
  const answer = await fetch(`${visitor.base}/api/v1/session`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "User-Agent": "Firefox/1 Windows" },
    body: JSON.stringify({ email, password }),
  });
  if (answer.status !== 200) throw new Error(`${answer.status} on another device`);
  return { Cookie: answer.headers.get("set-cookie").split(";")[0] };
}

async function devices(visitor) {
  const { page } = visitor;
  const headers = await otherDevice(visitor);
  const seen = async () => (await fetch(`${visitor.base}/api/v1/session`, { headers })).status;
  if ((await seen()) !== 200) throw new Error("the other device is not signed in");
  await visitor.open("/settings?tab=me");
  await page.locator("#sessions tbody tr").nth(1).waitFor();
  await visitor.press("me.end_others");
  const dialog = page.getByRole("dialog");
  await visitor.inspect("other devices");
  await dialog.getByRole("button", { name: visitor.t("me.end_others"), exact: true }).click();
  const alone = async () => (await page.locator("#sessions tbody tr").count()) === 1;
  await visitor.until("no other device is signed in", alone);
  if ((await seen()) !== 401) throw new Error("the other device is still signed in");
}

/** Does something that the server refuses, until `seen` is there. */
async function refused(visitor, act, seen) {
  visitor.refused = true;
  await act();
  await seen.waitFor();
  await visitor.settle();
  visitor.refused = false;
}

async function secondFactor(visitor) {
  const { page } = visitor;
  const submit = () => page.locator("button[type=submit]").click();
  await visitor.open("/settings?tab=me");
  await visitor.fill("factor.on_password", OWNER.password);
  await visitor.press("factor.on");
  const secret = page.locator("#second-factor .secret code");
  const text = (await secret.innerText()).trim();
  await visitor.inspectBoth("a second factor's secret");
  await visitor.fill("factor.code", "000000");
  const alert = page.locator("#second-factor [role=alert]");
  await refused(visitor, () => visitor.press("factor.confirm"), alert);
  await visitor.fill("factor.code", codeOf(text));
  await visitor.press("factor.confirm");
  const codes = page.locator(".codes li");
  await codes.first().waitFor();
  const code = await codes.first().innerText();
  await visitor.inspectBoth("recovery codes");
  await visitor.press("factor.codes_done");
  await visitor.see(visitor.t("factor.is_on"));
  await signOut(visitor);
  await visitor.fill("sign_in.email", OWNER.email);
  await visitor.fill("sign_in.password", OWNER.password);
  const asked = page.locator("h1", { hasText: visitor.t("sign_in.code_title") });
  await refused(visitor, submit, asked);
  await visitor.inspect("a code is asked for", "sign-in-code");
  await visitor.fill("sign_in.code", "abcde-fghij");
  await refused(visitor, submit, page.getByText(visitor.t("sign_in.code_wrong")));
  await visitor.fill("sign_in.code", code);
  await submit();
  await page.locator(".bar-shop").waitFor();
  await visitor.open("/settings?tab=me");
  await visitor.press("factor.off");
  await visitor.fill("factor.off_password", OWNER.password);
  await visitor.press("factor.off");
  await page.getByLabel(visitor.t("factor.on_password"), { exact: true }).waitFor();
}

module.exports = { devices, secondFactor };
