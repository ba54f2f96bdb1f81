const ID = "minihost-mock";

/**
 * Says at the foot of the page, for as long as it is open, that nothing here is real.
 *
 * @param {Document | undefined} document absent in Node
 */
export function showBanner(document) {
  if (!document) return;
  if (!document.body) {
    // A script in the head runs before there is a body.
    return document.addEventListener("DOMContentLoaded", () => showBanner(document), { once: true });
  }
  if (document.getElementById(ID)) return;
  const banner = document.createElement("div");
  banner.id = ID;
  banner.setAttribute("role", "note");
  banner.textContent = "Mock host: no user is asked, and no real host is here.";
  Object.assign(banner.style, {
    position: "fixed",
    inset: "auto 0 0",
    zIndex: "2147483647",
    padding: "6px 12px",
    font: "14px/1.4 system-ui, sans-serif",
    textAlign: "center",
    color: "#000",
    background: "#ffd84d",
  });
  document.body.append(banner);
}
