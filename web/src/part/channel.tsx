import { useTranslation } from "react-i18next";

const KNOWN = new Set(["web", "mobile", "server", "online", "offline", "store", "app"]);

/** What a channel is called; one that only the shop has a word for keeps its name. */
export function useChannel(): (channel: string | null | undefined) => string | null {
  const { t } = useTranslation();
  return (channel) => (channel && KNOWN.has(channel) ? t(`channel.${channel}`) : channel || null);
}

export function Channel({ name }: { name: string | null | undefined }) {
  const channel = useChannel();
  return <>{channel(name) ?? "–"}</>;
}
