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
