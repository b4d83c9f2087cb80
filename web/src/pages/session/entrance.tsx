import { GlobalOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useLook } from "../../look";
import { usePageTitle } from "../../part/page";
import "./session.css";

interface EntranceProps {
  title: string;
  lead?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

/** The frame of the pages in front of the door. */
export function Entrance({ title, lead, wide, children }: EntranceProps) {
  const { t } = useTranslation();
  const { lang, setLang } = useLook();
  usePageTitle(title);
  return (
    <div className="entrance">
      <header>
        <span className="brand">
          <img src="/mark.svg" width="24" height="24" alt="" /> {t("app.name")}
        </span>
        <Button
          type="text"
          icon={<GlobalOutlined aria-hidden />}
          onClick={() => setLang(lang === "zh" ? "en" : "zh")}
        >
          {t(lang === "zh" ? "language.en" : "language.zh")}
        </Button>
      </header>
      <main className={wide ? "entrance-main wide" : "entrance-main"}>
        <h1>{title}</h1>
        {lead && <p className="soft entrance-lead">{lead}</p>}
        {children}
      </main>
    </div>
  );
}
