// RudderStack's client for Node.js tells a story: rudder.cjs HOST KEY STORY

const { readFileSync } = require("node:fs");
const Analytics = require("@rudderstack/rudder-sdk-node");

const [host, writeKey, story] = process.argv.slice(2);

async function main() {
  const analytics = new Analytics(writeKey, { dataPlaneUrl: host });
  const told = JSON.parse(readFileSync(story, "utf8")).map(
    ({ call, ...said }) =>
      new Promise((done, failed) => {
        analytics[call](said, (error) => (error ? failed(error) : done()));
      }),
  );
  console.log("queued");
  await analytics.flush();
  await Promise.all(told);
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error("not delivered:", error);
    process.exit(1);
  },
);
