import type { CheckoutShown } from "../../../api/shape";

/** How many pieces of a line can come back. */
export function left({ quote, returned }: Pick<CheckoutShown, "quote" | "returned">, line: number) {
  return (quote.lines[line]?.pieces ?? 0) - (returned[line] ?? 0);
}

/** The lines of which pieces come back. */
export function piecesOf(pieces: Record<number, number>) {
  return Object.entries(pieces)
    .filter(([, count]) => count > 0)
    .map(([line, count]) => ({ line: Number(line), pieces: count }));
}
