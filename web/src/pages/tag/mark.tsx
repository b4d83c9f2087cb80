import "./tag.css";

export const COLOURS = ["grey", "green", "blue", "purple", "red", "orange", "yellow", "teal"];

/** A tag's name beside its colour. */
export function TagMark({ name, colour }: { name: string; colour: string }) {
  return <span className={`tag-mark ${colour}`}>{name}</span>;
}
