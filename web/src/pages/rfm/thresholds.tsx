import { say } from "../../part/say";
import { Button, Drawer, InputNumber, Radio, Switch } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RfmReport, RfmSetting } from "../../api/shape";
import { useAct, useApi } from "../../api/hooks";
import { exponent, symbol } from "../../format";
import { useLater } from "../../part/later";
import { ErrorBox, useErrorText } from "../../part/state";
import { useShop } from "../../session";
import { SizePreview } from "./preview";

const PREVIEW_AFTER_MS = 400;
const DAY_MS = 86_400_000;

type Fixed = NonNullable<RfmSetting["fixed"]>;
type Measure = keyof Fixed;

interface ThresholdsProps {
  open: boolean;
  report: RfmReport;
  close: () => void;
}

/** Today's cut points as a shop's own ones would be written. */
function fixedFrom(report: RfmReport): Fixed {
  const asOf = Date.parse(report.as_of);
  const days = report.cuts.r.map((day) => Math.round((asOf - Date.parse(day)) / DAY_MS));
  const cuts = { r_days: days.reverse(), f: report.cuts.f, m: report.cuts.m };
  return { r_days: raised(cuts.r_days), f: raised(cuts.f), m: raised(cuts.m) };
}

/** Many equal values give equal cut points; own ones have to differ. */
function raised(values: number[]): number[] {
  const out: number[] = [];
  for (const value of values) out.push(Math.max(value, (out.at(-1) ?? value - 1) + 1));
  return out;
}

/** Own cut points have to rise from one to the next. */
export function rising(values: number[]): boolean {
  return values.every((value, at) => at === 0 || value > (values[at - 1] ?? value));
}

export function Thresholds({ open, report, close }: ThresholdsProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [setting, setSetting] = useState(report.setting);
  useEffect(() => setSetting(report.setting), [report.setting, open]);
  const { fixed } = setting;
  const valid = !fixed || [fixed.r_days, fixed.f, fixed.m].every(rising);
  const asked = useLater(setting, PREVIEW_AFTER_MS);
  const preview = useApi(
    "POST /rfm/preview",
    { body: asked },
    { enabled: open && valid, keep: true },
  );
  const save = useAct(
    "PUT /rfm/setting",
    ["GET /rfm", "GET /rfm/runs", "GET /customers", "GET /rfm/movement"],
    {
      onSuccess: () => {
        say.success(t("act.saved"));
        close();
      },
      onError: (error) => say.error(errorText(error)),
    },
  );
  const set = (change: Partial<RfmSetting>) => setSetting({ ...setting, ...change });
  return (
    <Drawer
      open={open}
      onClose={close}
      size={640}
      title={t("rfm.thresholds")}
      destroyOnHidden
      footer={
        <div className="row apart">
          <span className="soft small">{t("rfm.save_how")}</span>
          <Button
            type="primary"
            disabled={!valid}
            loading={save.isPending}
            onClick={() => save.mutate({ body: setting })}
          >
            {t("rfm.save")}
          </Button>
        </div>
      }
    >
      <div className="stack wide">
        <Choice
          name={t("rfm.recency")}
          value={setting.recency}
          options={["order", "payment", "visit"]}
          text={(one) => t(`rfm.recency_${one}`)}
          set={(recency) => set({ recency })}
        />
        <Choice
          name={t("rfm.high")}
          value={setting.high}
          options={["score", "mean"]}
          text={(one) => t(`rfm.high_${one}`)}
          set={(high) => set({ high })}
        />
        <Window days={setting.window_days ?? null} set={(window_days) => set({ window_days })} />
        <Cuts
          fixed={fixed ?? null}
          first={() => fixedFrom(report)}
          set={(next) => set({ fixed: next })}
        />
        <h3>{t("rfm.preview")}</h3>
        {!valid && (
          <p className="danger" role="alert">
            {t("rfm.not_rising")}
          </p>
        )}
        {valid && preview.error && <ErrorBox error={preview.error} />}
        {valid && !preview.error && <SizePreview now={report.strata} then={preview.data?.strata} />}
      </div>
    </Drawer>
  );
}

interface ChoiceProps {
  name: string;
  value: string;
  options: string[];
  text: (option: string) => string;
  set: (value: string) => void;
}

function Choice({ name, value, options, text, set }: ChoiceProps) {
  return (
    <fieldset className="field">
      <legend>{name}</legend>
      <Radio.Group
        value={value}
        onChange={(event) => set(String(event.target.value))}
        options={options.map((one) => ({ value: one, label: text(one) }))}
      />
    </fieldset>
  );
}

function Window({ days, set }: { days: number | null; set: (days: number | null) => void }) {
  const { t } = useTranslation();
  return (
    <fieldset className="field">
      <legend>{t("rfm.window")}</legend>
      <div className="row">
        <Switch
          checked={days !== null}
          aria-label={t("rfm.window_on")}
          onChange={(on) => set(on ? 365 : null)}
        />
        {days === null ? (
          <span>{t("rfm.window_all")}</span>
        ) : (
          <InputNumber
            value={days}
            min={1}
            max={3650}
            precision={0}
            suffix={t("rfm.days")}
            aria-label={t("rfm.window")}
            onChange={(value) => set(value ?? 365)}
          />
        )}
      </div>
    </fieldset>
  );
}

interface CutsProps {
  fixed: Fixed | null;
  first: () => Fixed;
  set: (fixed: Fixed | null) => void;
}

function Cuts({ fixed, first, set }: CutsProps) {
  const { t } = useTranslation();
  return (
    <fieldset className="field">
      <legend>{t("rfm.cuts")}</legend>
      <div className="row">
        <Switch
          checked={fixed !== null}
          aria-label={t("rfm.cuts_own")}
          onChange={(on) => set(on ? first() : null)}
        />
        <span>{t(fixed ? "rfm.cuts_own" : "rfm.cuts_fifths")}</span>
      </div>
      {fixed &&
        (["r_days", "f", "m"] as const).map((measure) => (
          <CutRow
            key={measure}
            measure={measure}
            values={fixed[measure]}
            set={(values) => set({ ...fixed, [measure]: values })}
          />
        ))}
    </fieldset>
  );
}

interface CutRowProps {
  measure: Measure;
  values: number[];
  set: (values: number[]) => void;
}

function CutRow({ measure, values, set }: CutRowProps) {
  const { t } = useTranslation();
  const { currency } = useShop();
  const money = measure === "m";
  const scale = money ? 10 ** exponent(currency) : 1;
  return (
    <div className="cut-row">
      <span className="small soft">{t(`rfm.cut_${measure}`)}</span>
      <div className="row">
        {values.map((value, at) => (
          <InputNumber
            key={at}
            value={value / scale}
            min={0}
            precision={money ? 2 : 0}
            prefix={money ? symbol(currency) : undefined}
            controls={false}
            aria-label={`${t(`rfm.cut_${measure}`)} ${at + 1}`}
            status={at > 0 && value <= (values[at - 1] ?? 0) ? "error" : ""}
            onChange={(next) =>
              set(values.map((one, i) => (i === at ? Math.round(Number(next ?? 0) * scale) : one)))
            }
          />
        ))}
      </div>
    </div>
  );
}
