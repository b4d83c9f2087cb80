/**
 * The page's policy lets only styles through that know its nonce, which the server writes into the
 * page. Components make their styles at run time, and some of them (those that measure scroll bars
 * and lock scrolling) cannot be told a nonce: so every style element gets it when it is made.
 */
export function giveStylesNonce() {
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content;
  if (!nonce) return;
  const create = document.createElement.bind(document);
  const creating = (name: string, options?: ElementCreationOptions) => {
    const element = create(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  };
  document.createElement = creating as typeof document.createElement;
}
