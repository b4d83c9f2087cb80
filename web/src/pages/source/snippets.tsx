import { Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { CopyButton } from "../../part/copy";

/** What a shop pastes where its events come from; the clients are Segment's, unchanged. */
function snippet(kind: string, key: string, host: string): string {
  const bare = host.replace(/^https?:\/\//, "");
  if (kind === "web") {
    return [
      'import { AnalyticsBrowser } from "@segment/analytics-next";',
      "",
      "const analytics = AnalyticsBrowser.load(",
      `  { writeKey: "${key}", cdnURL: "${host}" },`,
      "  { integrations: {",
      `    "Segment.io": { apiHost: "${bare}/v1", protocol: "${host.split(":")[0]}" },`,
      "  } },",
      ");",
      'analytics.track("Product Viewed", { product_id: "SKU-1", price: 59.9 });',
    ].join("\n");
  }
  if (kind === "node") {
    return [
      'import { Analytics } from "@segment/analytics-node";',
      "",
      `const analytics = new Analytics({ writeKey: "${key}", host: "${host}" });`,
      "analytics.track({",
      '  userId: "u-1024", event: "Order Completed",',
      '  properties: { order_id: "A-1", total: 118, currency: "CNY" },',
      "});",
      "await analytics.closeAndFlush();",
    ].join("\n");
  }
  return [
    "import segment.analytics as analytics",
    "",
    `analytics.write_key = "${key}"`,
    `analytics.host = "${host}"`,
    'analytics.track("u-1024", "Order Completed",',
    '    {"order_id": "A-1", "total": 118, "currency": "CNY"})',
    "analytics.flush()",
  ].join("\n");
}

export function Snippets({ writeKey }: { writeKey: string }) {
  const { t } = useTranslation();
  return (
    <>
      <p className="soft">{t("source.snippet_how")}</p>
      <Tabs
        items={["web", "node", "python"].map((kind) => {
          const text = snippet(kind, writeKey, window.location.origin);
          const label = t(`source.snippet_${kind}`);
          return {
            key: kind,
            label,
            children: (
              <div className="snippet">
                <pre tabIndex={0} aria-label={label}>
                  {text}
                </pre>
                <CopyButton text={text} label={label} />
              </div>
            ),
          };
        })}
      />
    </>
  );
}
