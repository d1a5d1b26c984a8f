// Around htmx: the region that loads says so, focus comes back after a swap, a dead line is named.
(() => {
  "use strict";

  /** How to find the focused element again in the new content. @param {Element} element */
  const trace = (element) => {
    const row = element.closest("[data-id]");
    const inRow = row ? `[data-id="${CSS.escape(row.getAttribute("data-id") ?? "")}"] ` : "";
    if (element.id) return `#${CSS.escape(element.id)}`;
    if (element.hasAttribute("data-focus")) return `${inRow}[data-focus="${CSS.escape(element.getAttribute("data-focus") ?? "")}"]`;
    if (inRow && element.hasAttribute("name")) return `${inRow}[name="${CSS.escape(element.getAttribute("name") ?? "")}"]`;
    if (inRow && element.hasAttribute("data-row-link")) return `${inRow}[data-row-link]`;
    if (element.hasAttribute("href")) return `${inRow}[href="${CSS.escape(element.getAttribute("href") ?? "")}"]`;
    return inRow ? `${inRow}[data-row-link]` : "";
  };

  /** @type {{ selector: string, region: string } | null} */
  let lost = null;

  document.addEventListener("htmx:beforeRequest", (event) => {
    event.detail.target?.setAttribute("aria-busy", "true");
    // Sent again: what was said about the last try is old. Polls and look-ups leave it.
    if (event.detail.elt?.matches?.("form")) document.getElementById("problems")?.replaceChildren();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    event.detail.target?.removeAttribute("aria-busy");
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const target = event.detail.target;
    const focused = document.activeElement;
    const inside = focused && focused !== document.body && target?.contains(focused);
    lost = inside ? { selector: trace(focused), region: target.id } : null;
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (!lost || (document.activeElement && document.activeElement !== document.body)) return;
    const region = document.getElementById(lost.region);
    const again = lost.selector ? document.querySelector(lost.selector) : null;
    if (again instanceof HTMLElement) again.focus({ preventScroll: true });
    else if (region) {
      region.tabIndex = -1;
      region.focus({ preventScroll: true });
    }
    lost = null;
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    // What nobody asked for just now, such as the number at the bell, is missed by nobody either.
    document.addEventListener(name, (event) => event.target?.closest?.("[data-background]") || window.backoffice.problem(window.backoffice.word("unreachable")));
  }

  // On a narrow screen the tabs scroll in their box; the open one is shown without moving the page.
  const showOpenTab = () => {
    const tab = document.querySelector(".tabs [aria-current]");
    const box = tab?.parentElement;
    if (tab instanceof HTMLElement && box) box.scrollLeft = tab.offsetLeft - (box.clientWidth - tab.offsetWidth) / 2 - box.offsetLeft;
  };
  document.addEventListener("htmx:afterSettle", showOpenTab);
  showOpenTab();
})();
