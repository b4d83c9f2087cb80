/** The stages in the order of a life. */
export const Stages = [
  "visitor",
  "prospect",
  "new",
  "active",
  "loyal",
  "at_risk",
  "dormant",
  "lost",
  "won_back",
];

/** Conditions that mean whoever is at a stage now. Who came from which has none. */
export function whoIs(stage: string) {
  return { combinator: "and", rules: [{ field: "lifecycle", operator: "=", value: stage }] };
}
