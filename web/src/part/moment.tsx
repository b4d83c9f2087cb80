import { DatePicker } from "antd";
import dayjs from "dayjs";
import { minute } from "../format";
import { useShop } from "../session";
import { instantOf } from "./zone";

const MINUTE = "YYYY-MM-DD HH:mm";

interface MomentFieldProps {
  label: string;
  /** As the server writes it; shown by the shop's clocks, wherever the reader is. */
  value: string | null;
  disabled?: boolean;
  set: (next: string | null) => void;
}

/** A moment. */
export function MomentField({ label, value, disabled, set }: MomentFieldProps) {
  const { time_zone: zone } = useShop();
  return (
    <label className="stack">
      <span>{label}</span>
      <DatePicker
        aria-label={label}
        showTime={{ format: "HH:mm" }}
        format={MINUTE}
        needConfirm={false}
        allowClear={false}
        disabled={disabled}
        placeholder=""
        value={value ? dayjs(minute(value, zone)) : null}
        onChange={(next) => set(next ? instantOf(next.format(MINUTE), zone) : null)}
      />
    </label>
  );
}
