// Keys: read from the help dialog (templates/components/keys_dialog.html) and from data-key on the page.
(() => {
  "use strict";
  const PREFIX_MS = 1500;
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("keys"));
  if (!dialog || document.body.dataset.shortcuts !== "on") return;

  const rows = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".table-records tr[data-id]")]);
  const currentRow = () => /** @type {HTMLElement | null} */ (document.activeElement?.closest("tr[data-id]") ?? null);
  /** @param {number} step */
  const moveRow = (step) => {
    const all = rows();
    const row = currentRow();
    const at = row ? all.indexOf(row) : step > 0 ? -1 : 0;
    const next = all[Math.max(0, Math.min(all.length - 1, at + step))];
    const link = next?.querySelector("[data-row-link], a");
    if (link instanceof HTMLElement) link.focus();
    next?.scrollIntoView({ block: "nearest" });
    return Boolean(next);
  };
  /** @param {Element | null | undefined} element */
  const press = (element) => {
    if (!(element instanceof HTMLElement)) return false;
    element.click();
    return true;
  };
  /** @type {Record<string, () => boolean>} each says whether it did something */
  const actions = {
    search: () => {
      const input = document.querySelector("[data-search]");
      if (!(input instanceof HTMLInputElement)) return false;
      input.focus();
      input.select();
      return true;
    },
    help: () => { showHelp(); return true; },
    next: () => moveRow(1),
    previous: () => moveRow(-1),
    select: () => press(currentRow()?.querySelector("[name=key], [name=row]")),
    copy: () => {
      const key = currentRow()?.dataset.id;
      if (key) window.backoffice.copy(key);
      return Boolean(key);
    },
    edit: () => press(currentRow()?.querySelector("[data-row-edit]")) || press(visible("e")),
  };

  const fixed = new Map([...dialog.querySelectorAll("[data-keys]")].map((line) => [
    line.getAttribute("data-keys") ?? "", actions[line.getAttribute("data-shortcut") ?? ""],
  ]));
  const declared = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-key]")]);
  /** @param {string} keys */
  const visible = (keys) => declared().find((element) => element.dataset.key === keys);

  /** Lists what this page declares, then opens. */
  const showHelp = () => {
    const extra = dialog.querySelector("[data-page-keys]");
    const own = declared().filter((element) => !fixed.has(element.dataset.key ?? ""));
    extra?.querySelector("dl")?.replaceChildren(...own.map((element) => {
      const line = document.createElement("div");
      const label = document.createElement("dt");
      const keys = document.createElement("dd");
      label.textContent = element.dataset.keyLabel ?? element.textContent?.trim() ?? "";
      (element.dataset.key ?? "").split(" ").forEach((key, n) => {
        const cap = document.createElement("kbd");
        cap.textContent = key;
        keys.append(n ? " " : "", cap);
      });
      line.append(label, keys);
      return line;
    }));
    if (extra instanceof HTMLElement) extra.hidden = !own.length;
    dialog.showModal();
  };

  const TYPING = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";
  let before = "";
  let timer = 0;
  document.addEventListener("keydown", (event) => {
    const at = event.target instanceof Element ? event.target : null;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "ArrowDown" && at?.matches("[data-search]") && moveRow(1)) return event.preventDefault();
    if (at?.closest(TYPING) || document.querySelector("dialog[open]") || event.key.length !== 1) return;
    const keys = before ? `${before} ${event.key}` : event.key;
    before = "";
    window.clearTimeout(timer);
    // A key that is held down goes on through rows, but presses a button once: the next page has one, too.
    if (fixed.get(keys)?.() || (!event.repeat && press(visible(keys)))) {
      event.preventDefault();
    } else if (declared().some((element) => element.dataset.key?.startsWith(`${keys} `))) {
      before = keys;
      timer = window.setTimeout(() => { before = ""; }, PREFIX_MS);
    }
  });
})();
