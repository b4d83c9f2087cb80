import { useSyncExternalStore } from "react";
import "./part.css";

/** What is said in passing: that something worked, or why not. */
interface Said {
  id: number;
  kind: "success" | "error" | "info";
  text: string;
}

const SHORT_MS = 4_000;
const LONG_MS = 8_000;

let said: Said[] = [];
let count = 0;
const listeners = new Set<() => void>();

function change(next: Said[]) {
  said = next;
  for (const listener of listeners) listener();
}

function tell(kind: Said["kind"], text: string) {
  count += 1;
  const id = count;
  change([...said, { id, kind, text }]);
  const end = () => change(said.filter((one) => one.id !== id));
  setTimeout(end, kind === "error" ? LONG_MS : SHORT_MS);
}

export const say = {
  success: (text: string) => tell("success", text),
  error: (text: string) => tell("error", text),
  info: (text: string) => tell("info", text),
};

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

const MARKS = { success: "✓", error: "!", info: "i" };

/** Where it is shown, and read out. */
export function Says() {
  const all = useSyncExternalStore(subscribe, () => said);
  return (
    <div className="says" role="status" aria-live="polite">
      {all.map((one) => (
        <p key={one.id} className={`said ${one.kind}`}>
          <span aria-hidden="true" className="said-mark">
            {MARKS[one.kind]}
          </span>
          {one.text}
        </p>
      ))}
    </div>
  );
}
