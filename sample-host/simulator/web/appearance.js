/** Light, dark, or as the system is. */
export const APPEARANCES = ["light", "dark", "system"];

/** Shows the page and the programs in its frames this way. */
export function appear(appearance) {
  document.documentElement.dataset.appearance = appearance;
}
