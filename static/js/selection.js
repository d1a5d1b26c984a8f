// Selecting rows: each tick is sent at once, one request after the other, so that quick ticking loses and reorders
// nothing. The answer is the bar; what could not be sent is taken back.
(() => {
  "use strict";
  const sender = document.getElementById("selection-sender");
  if (!sender) return;

  const bar = () => /** @type {HTMLFormElement} */ (document.getElementById("selection"));
  // Right after a swap the form itself still carries the attributes of the one before it; what is in it is new.
  const state = () => /** @type {HTMLInputElement} */ (bar().elements.namedItem("shown"));
  const boxes = () => /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll("#records [name=key]")]);
  const pageBox = () => /** @type {HTMLInputElement | null} */ (document.querySelector("#records [data-page-box]"));
  /** @typedef {{ on: boolean, was: boolean }} Tick  `was`: what the server has, as far as we know */
  /** @type {Map<string, Tick>} ticks that wait for their turn */
  let waiting = new Map();
  /** @type {Map<string, Tick>} ticks of the request that is on its way */
  let sent = new Map();
  /** @type {Map<string, boolean>} ticks that a list which is on its way may not know of */
  const young = new Map();
  let busy = false; // a request about the selection is on its way, ours or one of the bar's buttons
  let look = false; // the bar has to be fetched even where nothing was ticked
  /** @type {(() => void)[]} */
  let resting = [];

  const showPage = () => {
    const all = boxes();
    const ticked = all.filter((box) => box.checked).length;
    const head = pageBox();
    if (!head) return;
    head.checked = ticked > 0 && ticked === all.length;
    head.indeterminate = ticked > 0 && ticked < all.length;
  };

  /** @param {(key: string) => boolean | undefined} wanted */
  const setBoxes = (wanted) => {
    for (const box of boxes()) box.checked = wanted(box.value) ?? box.checked;
    showPage();
  };
  /** What was ticked here and is not known to have arrived. @param {string} key */
  const unsaved = (key) => waiting.get(key)?.on ?? sent.get(key)?.on;

  /** @param {HTMLInputElement} box @param {boolean} on */
  const tick = (box, on) => {
    box.checked = on;
    young.set(box.value, on);
    const before = waiting.get(box.value);
    const was = before ? before.was : sent.get(box.value)?.on ?? !on;
    if (was === on) waiting.delete(box.value);
    else waiting.set(box.value, { on, was });
  };

  /** @param {Map<string, Tick>} ticks @param {boolean} on */
  const keys = (ticks, on) => [...ticks].filter(([, each]) => each.on === on).map(([key]) => key);

  const send = () => {
    if (busy || (!waiting.size && !look)) return;
    sent = waiting;
    waiting = new Map();
    look = false;
    busy = true;
    const values = { add: keys(sent, true), remove: keys(sent, false), shown: state().value };
    htmx.ajax("POST", sender.dataset.url, { source: sender, target: "#selection", swap: "outerHTML", values }).catch(() => {});
  };

  const rest = () => {
    busy = false;
    send();
  };
  /** What waited for the ticks; htmx knows the new bar's buttons once it has settled. */
  const goOn = () => {
    if (busy || waiting.size) return;
    const ready = resting;
    resting = [];
    for (const each of ready) each();
  };

  /** Ticks that did not arrive: the boxes go back to what the server has. */
  const takeBack = () => {
    for (const [key, each] of sent) {
      const later = waiting.get(key);
      if (later && later.on === each.was) waiting.delete(key);
      else if (later) later.was = each.was;
      young.delete(key);
    }
    const lost = sent;
    sent = new Map();
    setBoxes((key) => waiting.get(key)?.on ?? lost.get(key)?.was);
    return lost.size;
  };

  // --- ticking: one box, a range from the last one, the page
  let anchor = "";
  /** @param {HTMLInputElement} box @param {boolean} range */
  const ticked = (box, range) => {
    const all = boxes();
    const from = all.findIndex((each) => each.value === anchor);
    const to = all.indexOf(box);
    const on = box.checked;
    const chosen = range && from >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [box];
    for (const each of chosen) if (each === box || each.checked !== on) tick(each, on);
    anchor = box.value;
    showPage();
    send();
  };
  /** @param {boolean} on */
  const tickPage = (on) => {
    for (const box of boxes()) if (box.checked !== on) tick(box, on);
    showPage();
    send();
  };

  document.addEventListener("click", (event) => {
    const at = event.target instanceof Element ? event.target : null;
    if (at instanceof HTMLInputElement && at.matches("#records [name=key]")) {
      ticked(at, event.shiftKey);
      if (event.shiftKey) window.getSelection()?.removeAllRanges();
    } else if (at instanceof HTMLInputElement && at.matches("[data-page-box]")) tickPage(at.checked);
    else if (at?.closest("[data-tick-page]")) tickPage(true);
    else if (at?.matches("td.select")) at.querySelector("input")?.click(); // beside the box is meant, too
  });
  document.addEventListener("keydown", (event) => {
    const box = event.target;
    if (event.key !== " " || !event.shiftKey || !(box instanceof HTMLInputElement) || !box.matches("#records [name=key]")) return;
    event.preventDefault(); // browsers differ in whether this ticks
    box.checked = !box.checked;
    ticked(box, true);
  });

  // --- the bar's buttons wait for the ticks before them
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("#selection button[data-focus]") : null;
    if (!button || button.matches("[data-tick-page]") || !(busy || waiting.size)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const name = button.getAttribute("data-focus") ?? "";
    resting.push(() => /** @type {HTMLElement | null} */ (bar().querySelector(`[data-focus="${name}"]`))?.click());
  }, true);

  // --- answers
  /** @param {CustomEvent} event */
  const ours = (event) => event.detail.requestConfig?.elt === sender;
  /** @param {CustomEvent} event */
  const ofBar = (event) => event.detail.requestConfig?.target?.id === "selection";
  const known = () => new Set((state().dataset.ticked ?? "").split(" ").filter(Boolean).map(decodeURIComponent));

  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, target } = event.detail;
    if (target?.id === "records" && elt.getAttribute("hx-swap") !== "none") {
      young.clear();
      for (const ticks of [sent, waiting]) for (const [key, each] of ticks) young.set(key, each.on);
    }
    if (ofBar(event)) busy = true;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    // A refusal with words of its own is the bar; any other error leaves the bar as it is.
    const { status } = event.detail.xhr;
    if (ours(event) && status >= 400 && status !== 422) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id === "records" && young.size) {
      setBoxes((key) => young.get(key));
      young.clear();
      look = true;
      send();
    }
    showPage();
    if (!ofBar(event)) return;
    if (event.detail.xhr.status < 400) sent = new Map();
    const server = known();
    setBoxes((key) => unsaved(key) ?? server.has(key));
    window.backoffice.announce(bar().querySelector(".scope")?.textContent?.replace(/\s+/g, " ").trim() ?? "");
    // The bar is gone with its last record: the focus goes to where ticking begins.
    const focused = document.activeElement;
    if (state().dataset.number === "0" && (focused === document.body || focused === bar())) pageBox()?.focus();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (ofBar(event)) goOn();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!ofBar(event)) return;
    const { successful, xhr } = event.detail;
    if (ours(event) && !successful) {
      resting = []; // what was to be done with this selection is not done with another one
      const lost = takeBack();
      const words = lost === 1 ? window.backoffice.word("one-not-ticked") : window.backoffice.word("not-ticked", lost);
      // After the general words about a dead line.
      if (xhr.status !== 422 && lost) queueMicrotask(() => window.backoffice.problem(words));
    }
    if (ours(event)) sent = new Map();
    queueMicrotask(rest);
  });
  // Whoever leaves does not wait: what did not arrive yet goes along, and arriving twice is no harm.
  window.addEventListener("pagehide", () => {
    const left = new Map([...sent, ...waiting]);
    if (!left.size) return;
    const body = new FormData();
    body.set("csrfmiddlewaretoken", bar().elements.namedItem("csrfmiddlewaretoken").value);
    for (const key of keys(left, true)) body.append("add", key);
    for (const key of keys(left, false)) body.append("remove", key);
    fetch(sender.dataset.url, { method: "POST", body, keepalive: true, headers: { "HX-Request": "true" } }).catch(() => {});
  });
  // The browser may show boxes as they were left; what counts is what the server said.
  const server = known();
  setBoxes((key) => server.has(key));
})();
