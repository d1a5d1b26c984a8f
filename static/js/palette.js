// The search for everything: Ctrl-K or its button opens a dialog, filled from /search/ (ARIA 1.2 combobox, listbox).
// What is known here comes at once; what Flowtly adds comes after it, below, so that nothing moves that stands.
(() => {
  "use strict";
  const WAIT_MS = 200;
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("palette"));
  if (!dialog) return;
  const form = /** @type {HTMLFormElement} */ (dialog.querySelector("form"));
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem("q"));
  const list = /** @type {HTMLElement} */ (dialog.querySelector("[role=listbox]"));
  const said = /** @type {HTMLElement} */ (dialog.querySelector("[data-said]"));
  const { word } = window.backoffice;
  let asked = new AbortController();
  let timer = 0;

  const options = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[role=option]")]);
  const chosen = () => /** @type {HTMLElement | null} */ (list.querySelector("[aria-selected=true]"));

  /** @param {HTMLElement | null | undefined} option */
  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option.id);
    if (option === options()[0]) list.scrollTop = 0; // with its heading
    else option.scrollIntoView({ block: "nearest" });
  };

  /** @param {string} text @param {string} stage @param {AbortSignal} signal */
  const get = async (text, stage, signal) => {
    const url = new URL(form.action);
    url.searchParams.set("q", text);
    if (stage) url.searchParams.set("stage", stage);
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal });
    if (answer.headers.has("HX-Refresh")) window.location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    signal.throwIfAborted();
    return page.body;
  };

  /** What the answer tells of records that stand is filled in; the rest comes after them. @param {HTMLElement} answer */
  const add = (answer) => {
    const standing = new Map([...list.querySelectorAll("[data-record]")].map((line) => [line.getAttribute("data-record"), line]));
    for (const line of answer.querySelectorAll("[data-record]")) {
      const same = standing.get(line.getAttribute("data-record"));
      if (!same) continue;
      same.querySelector(".found-beside")?.replaceChildren(...(line.querySelector(".found-beside")?.childNodes ?? []));
      line.closest("li")?.remove();
    }
    answer.querySelectorAll("section:not(:has([data-record], .found-note))").forEach((section) => section.remove());
    list.querySelector("[data-waiting]")?.replaceWith(...answer.children);
  };

  const shown = () => {
    options().forEach((option, n) => { option.id = `palette-${n}`; });
    input.setAttribute("aria-expanded", String(options().length > 0));
    choose(chosen() ?? options()[0]);
  };

  const say = () => {
    const count = options().length;
    const notes = [...list.querySelectorAll(".found-note")].map((note) => note.textContent);
    const matches = count === 1 ? word("one-match") : word("matches", count);
    said.textContent = [count ? matches : "", ...notes].join(" ").trim();
  };

  const ask = async () => {
    asked.abort();
    const { signal } = asked = new AbortController();
    const text = input.value.trim();
    try {
      list.replaceChildren(...(await get(text, "here", signal)).children);
      choose(null);
      shown();
      if (list.querySelector("[data-waiting]")) {
        dialog.classList.add("busy");
        add(await get(text, "", signal));
        shown();
      }
      say();
    } catch {
      if (!signal.aborted) said.textContent = fail();
    }
    if (!signal.aborted) dialog.classList.remove("busy");
  };

  /** In the place of what did not come. */
  const fail = () => {
    const note = document.createElement("p");
    note.className = "found-note";
    note.setAttribute("role", "presentation");
    note.textContent = word("failed");
    const waiting = list.querySelector("[data-waiting]");
    if (waiting) waiting.replaceWith(note);
    else list.replaceChildren(note);
    return note.textContent;
  };

  const open = () => {
    if (!dialog.open) {
      if (document.querySelector("dialog[open]")) return;
      input.value = said.textContent = "";
      list.replaceChildren();
      dialog.showModal();
      ask();
    }
    input.focus();
    input.select();
  };

  input.addEventListener("input", () => {
    // An older question's answer must not come any more, and Enter must not open what it found.
    asked.abort();
    dialog.classList.remove("busy");
    said.textContent = "";
    choose(null);
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, WAIT_MS);
  });

  /** @type {Record<string, (all: HTMLElement[], at: number) => HTMLElement>} */
  const steps = {
    ArrowDown: (all, at) => all[(at + 1) % all.length],
    ArrowUp: (all, at) => all[(at < 1 ? all.length : at) - 1],
    Home: (all) => all[0],
    End: (all) => all[all.length - 1],
  };
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.shiftKey || event.altKey) return;
    const option = chosen();
    const step = event.ctrlKey || event.metaKey ? null : steps[event.key];
    if (step) {
      const all = options();
      if (all.length) choose(step(all, option ? all.indexOf(option) : -1));
    } else if (event.key === "Enter" && option) {
      if (option instanceof HTMLAnchorElement && (event.ctrlKey || event.metaKey)) window.open(option.href, "_blank", "noopener");
      else option.click();
    } else return; // Enter without a choice sends the form: the page of the same search
    event.preventDefault();
  });

  // mousedown would take the focus out of the input
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target instanceof Element ? event.target.closest("[role=option]") : null;
    if (option && !event.ctrlKey && !event.metaKey && !event.shiftKey) dialog.close();
  });
  dialog.addEventListener("close", () => {
    asked.abort();
    dialog.classList.remove("busy");
    window.clearTimeout(timer);
  });

  const opener = document.querySelector("[data-palette-open]");
  opener?.addEventListener("click", (event) => {
    if (!(event instanceof MouseEvent) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  if (document.body.dataset.shortcuts !== "on") return;
  const mac = /mac|iphone|ipad/i.test(navigator.platform);
  const keys = opener?.querySelector("kbd");
  if (keys && mac) keys.textContent = "⌘";
  document.addEventListener("keydown", (event) => {
    const held = mac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
    if (!held || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    open();
  });
})();
