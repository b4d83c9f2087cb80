// What is looked for on every page. All but `tellApart` runs in the page itself.

/** Where English speaks for itself, and where the names of people, shops and languages stand. */
const ENGLISH = {
  own: [
    "nav a, h1, h2, h3, button, label, th, dt, legend, figcaption",
    "[role=tab], .lead, .go-button",
  ].join(),
  data: "tbody, pre, code, .bar-shop, .entrance > header",
};

/** Where nothing is a text of the console. */
const DATA = "script, style, pre, code, textarea, .mono, .import-columns tbody th, .samples";

const CHINESE = /[\u3400-\u9fff]/;

function leaves(tree) {
  return Object.values(tree).flatMap((part) => (typeof part === "string" ? [part] : leaves(part)));
}

/** The texts that only the other language has, as they stand on a page. */
function tellApart(own, other) {
  const mine = new Set(leaves(own));
  const whole = (text) => !text.includes("{{") && (text.length > 3 || CHINESE.test(text));
  return leaves(other).filter((text) => whole(text) && !mine.has(text));
}

/** Whether nothing is waited for and nothing moves. */
function rests() {
  if (document.readyState !== "complete" || document.fonts.status !== "loaded") return false;
  if (!document.querySelector("h1")) return false;
  if (document.querySelector(".bone, .ant-spin-spinning, .ant-btn-loading")) return false;
  const ends = (one) => one.effect?.getComputedTiming().endTime !== Infinity;
  return document.getAnimations().every((one) => one.playState !== "running" || !ends(one));
}

/** By how much a page is wider than its window, and what reaches out. */
function overflow() {
  const root = document.documentElement;
  const by = root.scrollWidth - root.clientWidth;
  if (by <= 0) return null;
  const out = [...document.querySelectorAll("body *")].filter((one) => {
    return one.getBoundingClientRect().right > root.clientWidth + 1;
  });
  const of = out.slice(0, 5).map((one) => one.outerHTML.slice(0, 80));
  return { by, of };
}

/** Texts that cannot be read: cut off without a sign, or with something else upon them. */
function unreadable() {
  const FACES_MAX = 400;
  const found = [];
  const note = (why, one, text) => {
    const name = `${one.tagName.toLowerCase()}.${one.getAttribute("class") ?? ""}`;
    found.push({ why, text: text.slice(0, 60), at: name.slice(0, 80) });
  };
  /** Whether a place is outside of what some box around it shows. */
  const hidden = (one, x, y) => {
    for (let box = one; box && box !== document.body; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (style.overflowX === "visible" && style.overflowY === "visible") continue;
      const face = box.getBoundingClientRect();
      if (x < face.left || x > face.right || y < face.top || y > face.bottom) return true;
    }
    return false;
  };
  // What lies under a dialog or a drawer is meant to.
  const dialogs = [...document.querySelectorAll("[role=dialog]")].filter((one) => {
    return one.checkVisibility();
  });
  const root = dialogs.at(-1) ?? document.body;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (walker.nextNode() && seen < FACES_MAX) {
    const one = walker.currentNode.parentElement;
    const text = walker.currentNode.data.trim();
    if (!text || !one.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
      continue;
    const style = getComputedStyle(one);
    const cut = style.overflowX === "hidden" && one.scrollWidth > one.clientWidth + 1;
    if (cut && style.textOverflow !== "ellipsis" && one.clientWidth > 1) note("cut off", one, text);
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const face = range.getClientRects()[0];
    if (!face || face.width < 2 || face.height < 2) continue;
    const [x, y] = [face.left + face.width / 2, face.top + face.height / 2];
    const there = x >= 0 && y >= 0 && x < innerWidth && y < innerHeight;
    if (!there || hidden(one, x, y)) continue;
    seen += 1;
    const top = document.elementFromPoint(x, y);
    const related = top && (top.contains(one) || one.contains(top));
    // A label and the control that lies over it are one; what opened over the page is meant to, and
    // so is the bar under which the page is scrolled.
    const whole = (node) => node.closest("label, button, a, .ant-select");
    const same = top && whole(one) && whole(one) === whole(top);
    const opened = top?.closest(
      ".bar, .ant-popover, .ant-dropdown, .ant-select-dropdown, .ant-table-sticky-scroll",
    );
    if (top && !related && !same && !opened) {
      note(`covered by ${top.tagName.toLowerCase()}.${top.getAttribute("class") ?? ""}`, one, text);
    }
  }
  return found;
}

/** Texts that nobody meant to show: keys, gaps, and those of the other language. */
function strangeTexts({ sections, other, english, data }) {
  const SEEN = { visibilityProperty: true };
  const section = `(?:${sections.join("|")})`;
  const key = new RegExp(`(?:^|[\\s(“])${section}\\.[a-z][a-z0-9_.-]*(?=$|[\\s)”:,])`);
  const gap = /\{\{|\bundefined\b|\bNaN\b|\[object |Invalid Date/;
  const chinese = /[\u3400-\u9fff]/;
  const foreign = new Set(other);
  const found = [];
  const place = (one) => {
    const names = one.getAttribute("class")?.trim().split(/\s+/) ?? [];
    return [one.tagName.toLowerCase(), ...names].join(".");
  };
  const judge = (text, one) => {
    const add = (why) => found.push({ why, text: text.slice(0, 80), at: place(one) });
    if (key.test(text)) add("untranslated key");
    if (gap.test(text)) add("gap in a text");
    // What somebody named as the other language calls it is still a name.
    const named = data.names.includes(text);
    if (foreign.has(text) && !named) add("text of the other language");
    const own = english && one.closest(english.own) && !one.closest(english.data);
    const rest = data.names.reduce((left, name) => left.replaceAll(name, ""), text);
    if (own && chinese.test(rest)) add("Chinese in English");
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    const text = walker.currentNode.data.trim();
    // What was typed, sent or asked is data, as are the columns of a file.
    if (!text || one.closest(data.places) || !one.checkVisibility(SEEN)) continue;
    judge(text, one);
  }
  for (const one of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
    for (const name of ["aria-label", "title", "placeholder"]) {
      const text = one.getAttribute(name)?.trim();
      if (text && (key.test(text) || gap.test(text) || foreign.has(text))) judge(text, one);
    }
  }
  return found;
}

/** What axe finds that keeps people out. */
async function runAxe() {
  const { violations } = await window.axe.run(document, {
    resultTypes: ["violations"],
  });
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return grave.map(({ id, impact, nodes }) => ({
    rule: id,
    impact,
    places: nodes.map((node) => {
      const why = [...node.any, ...node.all, ...node.none].map((one) => one.message).join("; ");
      return `${node.target.join(" ")} (${why.slice(0, 160)})`;
    }),
  }));
}

module.exports = {
  CHINESE,
  DATA,
  ENGLISH,
  inPage: { overflow, rests, strangeTexts, unreadable },
  runAxe,
  tellApart,
};
