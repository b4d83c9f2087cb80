import { DatePicker } from "antd";
import dayjs from "dayjs";

interface RangeProps {
  from: string;
  to: string;
  label: string;
  set: (from: string, to: string) => void;
}

/** A span of days; a file of its own because few need it at once. */
export function Range({ from, to, label, set }: RangeProps) {
  return (
    <DatePicker.RangePicker
      value={[dayjs(from), dayjs(to)]}
      allowClear={false}
      aria-label={label}
      maxDate={dayjs()}
      onChange={(days) => {
        const [first, last] = days ?? [];
        if (first && last) set(first.format("YYYY-MM-DD"), last.format("YYYY-MM-DD"));
      }}
    />
  );
}
