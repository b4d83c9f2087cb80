import { Checkbox } from "antd";
import { useTranslation } from "react-i18next";
import type { Permission } from "../../api/shape";

export const PERMISSIONS: Permission[] = [
  "customers.read",
  "customers.edit",
  "customers.reveal",
  "customers.erase",
  "orders.read",
  "products.read",
  "events.read",
  "rfm.read",
  "rfm.edit",
  "kpi.read",
  "imports.read",
  "imports.write",
  "sources.read",
  "sources.write",
  "query.run",
  "exports.run",
  "staff.read",
  "staff.write",
  "keys.read",
  "keys.write",
  "shop.edit",
  "audit.read",
  "system.read",
];

interface PermissionFieldProps {
  value?: Permission[];
  onChange?: (value: Permission[]) => void;
  among?: Permission[];
}

/** Which permissions something has: a form's field. */
export function PermissionField({ value, onChange, among = PERMISSIONS }: PermissionFieldProps) {
  const { t } = useTranslation();
  return (
    <Checkbox.Group
      value={value ?? []}
      className="permission-grid"
      onChange={(next) => onChange?.(among.filter((one) => next.includes(one)))}
      options={among.map((one) => ({
        value: one,
        label: t(`permission.${one.replace(".", "_")}`),
      }))}
    />
  );
}
