const SVG = "http://www.w3.org/2000/svg";

/** The element of this id, which the page always has. */
export const byId = (id) => document.getElementById(id);

/**
 * A new element. Properties go by their DOM names; `data` and `aria` are objects of their own.
 * Children are elements or texts; texts are never read as HTML.
 */
export function element(name, { data = {}, aria = {}, ...properties } = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  Object.assign(made.dataset, data);
  for (const [key, value] of Object.entries(aria)) made.setAttribute(`aria-${key}`, value);
  made.append(...children);
  return made;
}

/** One of the page's own icons. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** A program's icon, or its first letter until there is one. */
export function programIcon({ name, icon: url }) {
  const [letter = ""] = name;
  const tile = element("span", { className: "program-icon", aria: { hidden: "true" } }, letter);
  if (url) {
    const image = element("img", { src: url, alt: "", referrerPolicy: "no-referrer" });
    image.addEventListener("load", () => tile.replaceChildren(image));
  }
  return tile;
}
