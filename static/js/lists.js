// Lists: Shift sorts by one column more, and panels above the table open and close.
(() => {
  "use strict";

  // Before htmx sees the click: with Shift the column joins those that the list is sorted by.
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a.sort[data-then]") : null;
    if (!link || !event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    htmx.ajax("get", link.getAttribute("data-then") ?? "", { source: link, target: "#records", swap: "outerHTML" });
  }, true);

  const panel = () => document.getElementById("list-panel");
  /** @type {HTMLElement | null} the link that opened the panel gets the focus back */
  let opener = null;
  // As it stands now: the links are swapped along with the table.
  const link = () => (opener?.id ? document.getElementById(opener.id) : opener);
  const close = () => {
    panel()?.replaceChildren();
    link()?.focus();
    opener = null;
  };
  document.addEventListener("click", (event) => {
    const at = event.target instanceof Element ? event.target : null;
    if (!panel()?.hasChildNodes() || !at) return;
    const again = at.closest('[hx-target="#list-panel"]');
    if (!at.closest("[data-close-panel]") && (!again || again !== link())) return;
    event.preventDefault();
    event.stopPropagation();
    close();
  }, true);
  document.addEventListener("keydown", (event) => {
    const inside = event.target instanceof Element && event.target.closest("#list-panel");
    if (event.key === "Escape" && inside && !event.defaultPrevented) close();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target === panel() && event.detail.elt instanceof HTMLElement) opener = event.detail.elt;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const target = event.detail.target;
    if (!target || (target !== panel() && target.id !== "filter-panel")) return;
    const first = panel()?.querySelector("[data-autofocus]");
    if (first instanceof HTMLElement && !panel()?.contains(document.activeElement)) first.focus();
  });
})();
