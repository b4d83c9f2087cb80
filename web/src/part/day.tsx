import { DatePicker } from "antd";
import dayjs from "dayjs";

/** Days as the server writes them. */
const DAY = "YYYY-MM-DD";

interface DayFieldProps {
  label: string;
  value: string | null;
  /** What no day means; there must be one without. */
  none?: string;
  set: (next: string | null) => void;
}

/** A day, or none. */
export function DayField({ label, value, none, set }: DayFieldProps) {
  return (
    <label className="stack">
      <span>{label}</span>
      <DatePicker
        aria-label={label}
        value={value ? dayjs(value) : null}
        allowClear={none !== undefined}
        placeholder={none ?? ""}
        onChange={(next) => set(next ? next.format(DAY) : null)}
      />
    </label>
  );
}
