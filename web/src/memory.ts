/** What a browser remembers for the person before it; a browser that refuses remembers nothing. */
const PREFIX = "shuke.";

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    return;
  }
}
