import { Checkbox, InputNumber } from "antd";
import { useMinor } from "../ledger/policy";
import type { Most } from "./terms";

interface MostFieldProps {
  label: string;
  /** What no limit is called: it has to be chosen. */
  none: string;
  money?: boolean;
  value: Most | null;
  set: (most: Most | null) => void;
}

/** A number, or that there is no limit. */
export function MostField({ label, none, money, value, set }: MostFieldProps) {
  const { minor, digits, currency } = useMinor(money ? "stored" : "points");
  const free = value === "unlimited";
  return (
    <div className="row">
      <label className="row">
        <span>{label}</span>
        <InputNumber
          aria-label={label}
          min={1 / minor}
          precision={digits}
          suffix={currency}
          style={{ width: 160 }}
          disabled={free}
          value={typeof value === "number" ? value / minor : null}
          onChange={(own) => set(own ? Math.round(own * minor) : null)}
        />
      </label>
      <Checkbox checked={free} onChange={(event) => set(event.target.checked ? "unlimited" : null)}>
        {none}
      </Checkbox>
    </div>
  );
}
