import type { QuoteForm } from "../../../api/shape";

export interface Line {
  sku: string;
  pieces: number;
  /** Minor units a piece; none where it is the product's own price. */
  unit: number | null;
}

/** A cart as the form has it. */
export interface Draft {
  customer: string;
  lines: Line[];
  /** Minor units. */
  postage: number | null;
  channel: string;
  store: string;
  codes: string[];
  points: number | null;
}

export const NO_LINE: Line = { sku: "", pieces: 1, unit: null };

export const FRESH: Draft = {
  customer: "",
  lines: [NO_LINE],
  postage: null,
  channel: "",
  store: "",
  codes: [],
  points: null,
};

const named = (line: Line) => line.sku.trim() !== "";

/** Whether there is something to ask about. */
export const isWhole = (draft: Draft) => draft.lines.some(named);

/** What is asked: lines that were left empty are none, and so is everything else. */
export function formOf(draft: Draft): QuoteForm {
  const { postage, points } = draft;
  const [customer_id, channel, store] = [draft.customer, draft.channel, draft.store].map((own) =>
    own.trim(),
  );
  const codes = draft.codes.map((code) => code.trim()).filter(Boolean);
  return {
    lines: draft.lines.filter(named).map(({ sku, pieces, unit }) => ({
      sku: sku.trim(),
      pieces,
      ...(unit === null ? {} : { unit_minor: unit }),
    })),
    ...(customer_id && { customer: { customer_id } }),
    ...(postage && { postage_minor: postage }),
    ...(channel && { channel }),
    ...(store && { store }),
    ...(codes.length > 0 && { codes }),
    ...(points && { points }),
  };
}
