// A card of the queue: what opens takes the focus, Enter says what stands beside it, and it is held while it is looked at.
(() => {
  "use strict";
  const MINUTE = 60000;

  // A verdict that asks something opens with its first control; Escape closes it again. By hand, because the
  // browser tells of the opening only later: an Enter right after the key would meet the summary, and close it.
  document.addEventListener("click", (event) => {
    const summary = event.target instanceof Element ? event.target.closest(".verdict-part > summary") : null;
    const part = summary?.parentElement;
    if (!(part instanceof HTMLDetailsElement) || event.defaultPrevented) return;
    event.preventDefault();
    part.open = !part.open;
    const first = part.open && part.querySelector("input:not([type=hidden]), .verdict-asks button");
    if (first instanceof HTMLElement) first.focus();
  });
  document.addEventListener("keydown", (event) => {
    const at = event.target instanceof Element ? event.target : null;
    const part = /** @type {HTMLDetailsElement | null} */ (at?.closest(".verdict-part[open]") ?? null);
    if (!part || event.defaultPrevented) return;
    if (event.key === "Escape") {
      part.open = false;
      part.querySelector("summary")?.focus();
    } else if (event.key === "Enter" && at?.matches("[data-enter] input")) {
      event.preventDefault();
      part.querySelector("button")?.click();
    }
  });

  // What has to be mended is where one types on; why is read out by the alert.
  const wrong = document.querySelector(".verdict-part[open] [aria-invalid=true]");
  if (wrong instanceof HTMLElement) wrong.focus();

  // What was said just now is read out, and the card that came begins at its heading.
  const announced = document.querySelector("[data-announce] p");
  if (announced) window.setTimeout(() => window.backoffice.announce(announced.textContent?.trim() ?? ""), 150);
  const heading = document.querySelector("h1");
  if (heading && !document.querySelector("[data-form-summary]") && (!document.activeElement || document.activeElement === document.body)) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }

  // --- in one's hands: said at once, each minute while the page is seen, and when it is left
  const bar = document.querySelector("[data-hold]");
  if (!(bar instanceof HTMLElement)) return;
  const address = bar.dataset.hold ?? "";
  const token = /** @type {HTMLInputElement | null} */ (document.querySelector("#verdict [name=csrfmiddlewaretoken]"))?.value ?? "";
  /** @param {boolean} [leaving] */
  const sent = (leaving) => {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", token);
    if (leaving) body.set("release", "1");
    return body;
  };
  const hold = () => {
    if (document.visibilityState !== "visible") return;
    fetch(address, { method: "POST", body: sent(), headers: { "HX-Request": "true" } })
      .then((answer) => { if (answer.headers.has("HX-Refresh")) window.location.reload(); })
      .catch(() => {}); // the next one tells; what is decided meanwhile is checked by the server
  };
  hold();
  // The farewell of the page before, of the same card, may arrive after it.
  window.setTimeout(hold, 3_000);
  window.setInterval(hold, MINUTE);
  document.addEventListener("visibilitychange", hold);
  window.addEventListener("pagehide", () => navigator.sendBeacon(address, sent(true)));
})();
