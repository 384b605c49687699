// The body of an item as nodes. The server has sanitised it; here it is parsed in a document of its
// own, where nothing loads and nothing runs, and only what this list names is copied into the page.

const ELEMENTS = Object.freeze([
  "A", "B", "BLOCKQUOTE", "BR", "CODE", "DEL", "EM", "H3", "H4", "HR", "I", "IMG", "KBD", "LI", "OL", "P",
  "PRE", "S", "SMALL", "STRONG", "SUB", "SUP", "TABLE", "TBODY", "TD", "TH", "THEAD", "TR", "UL",
]);
const DROPPED = Object.freeze([
  "EMBED", "IFRAME", "MATH", "NOSCRIPT", "OBJECT", "SCRIPT", "STYLE", "SVG", "TEMPLATE",
]);
const ATTRIBUTES = Object.freeze({ A: ["title"], IMG: ["alt", "width", "height"], OL: ["start"] });

// A policy's name may be taken once a page, so it is made once, and only where `setHTML` is missing.
const POLICY = "setHTML" in Element.prototype ? null : policy();

/** A fragment of the nodes of a sanitised HTML text. */
export function body(html) {
  const fragment = document.createDocumentFragment();
  try {
    copy(parsed(String(html)), fragment);
  } catch {
    fragment.append(String(html).replace(/<[^>]*>/g, "")); // a page that allows no parsing: the bare text
  }
  return fragment;
}

/** The address if a person may be sent there: https, or the origin of the page; else null. */
export function safeUrl(url, also = []) {
  try {
    const address = new URL(url, location.href);
    const allowed = address.protocol === "https:" || also.includes(address.protocol);
    return allowed || (address.origin === location.origin && address.origin !== "null") ? address.href : null;
  } catch {
    return null;
  }
}

function parsed(html) {
  const apart = document.implementation.createHTMLDocument("");
  if (typeof apart.body.setHTML === "function") {
    apart.body.setHTML(html, { sanitizer: {} }); // all that is safe; which of it, `copy` says
    return apart.body;
  }
  return new DOMParser().parseFromString(POLICY?.createHTML(html) ?? html, "text/html").body;
}

// A page may require Trusted Types; what the parser makes of this never enters the page as it is.
function policy() {
  try {
    return globalThis.trustedTypes?.createPolicy("guidepath", { createHTML: (text) => text }) ?? null;
  } catch {
    return null;
  }
}

function copy(from, to) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.append(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE || DROPPED.includes(node.nodeName.toUpperCase())) continue;
    const twin = ELEMENTS.includes(node.nodeName) ? twinOf(node) : null;
    if (twin) to.append(twin);
    copy(node, twin ?? to);
  }
}

function twinOf(node) {
  const twin = document.createElement(node.localName);
  for (const name of ATTRIBUTES[node.nodeName] ?? []) {
    if (node.hasAttribute(name)) twin.setAttribute(name, node.getAttribute(name));
  }
  if (node.nodeName === "A") link(node, twin);
  if (node.nodeName === "IMG") twin.src = safeUrl(node.getAttribute("src") ?? "") ?? "";
  return twin;
}

function link(node, twin) {
  const url = node.hasAttribute("href") ? safeUrl(node.getAttribute("href"), ["mailto:"]) : null;
  if (!url) return;
  twin.href = url;
  const { protocol, origin } = new URL(url);
  if (protocol === "mailto:" || origin === location.origin) return;
  twin.target = "_blank";
  twin.rel = "noopener noreferrer";
}
