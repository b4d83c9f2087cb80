import { Button } from "antd";

interface RowActProps {
  label: string;
  danger?: boolean;
  act: () => void;
}

/** Something that can be done with a row. */
export function RowAct({ label, danger = false, act }: RowActProps) {
  return (
    <Button type="link" size="small" danger={danger} onClick={act}>
      {label}
    </Button>
  );
}
