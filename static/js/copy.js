// Copying values: one button that goes to the cell under the pointer or in the focused row; on record pages each
// value that can be copied has one. Left and right lead from value to value of a row.
(() => {
  "use strict";
  const DONE_MS = 1500;
  const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById("copy-button"));
  if (!template) return;
  const word = window.backoffice.word;
  const made = () => /** @type {HTMLButtonElement} */ (template.content.cloneNode(true).firstElementChild);

  /** The value as Flowtly has it: of a web link the whole address. @param {Element} cell */
  const valueOf = (cell) => {
    const link = cell.querySelector("a[href^='http']");
    if (link) return link.getAttribute("href") ?? "";
    return cell.querySelector("bdi, a, span")?.textContent?.trim() ?? "";
  };
  /** @param {Element} cell */
  const nameOf = (cell) => cell.getAttribute("data-label") ?? cell.parentElement?.querySelector("dt")?.textContent ?? "";

  /** For pages without https, where browsers hide the clipboard. @param {string} text */
  const copyByHand = (text) => {
    const area = document.createElement("textarea");
    const focused = document.activeElement;
    area.value = text;
    area.className = "visually-hidden";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (focused instanceof HTMLElement) focused.focus();
    if (!done) throw new Error("refused");
  };
  /** @param {string} text @param {HTMLElement} [button] */
  const copy = async (text, button) => {
    try {
      if (navigator.clipboard) await navigator.clipboard.writeText(text);
      else copyByHand(text);
    } catch {
      window.backoffice.problem(word("not-copied"));
      return;
    }
    window.backoffice.announce(`${word("copied")}: ${text}`);
    if (!button) return;
    button.dataset.done = word("copied");
    window.setTimeout(() => delete button.dataset.done, DONE_MS);
  };
  window.backoffice.copy = copy;

  const floating = made();
  floating.dataset.floating = "";
  /** @param {Element} cell */
  const goTo = (cell) => {
    if (floating.parentElement === cell) return;
    delete floating.dataset.done;
    floating.setAttribute("aria-label", `${word("copy")}: ${nameOf(cell)}`);
    cell.append(floating);
  };
  document.addEventListener("mouseover", (event) => {
    const cell = event.target instanceof Element ? event.target.closest("td[data-copy]") : null;
    if (cell && document.activeElement !== floating) goTo(cell);
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target instanceof Element && event.target !== floating ? event.target.closest("tr[data-id]") : null;
    const cell = row?.querySelector("td[data-copy]");
    if (cell && !row.contains(floating)) goTo(cell);
  });
  document.addEventListener("keydown", (event) => {
    if (event.target !== floating || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const cells = [...floating.closest("tr")?.querySelectorAll("td[data-copy]") ?? []];
    const at = cells.indexOf(/** @type {Element} */ (floating.parentElement));
    goTo(cells[(at + (event.key === "ArrowRight" ? 1 : -1) + cells.length) % cells.length]);
    floating.focus();
    event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest(".copy-button") : null;
    if (button instanceof HTMLElement && button.parentElement) copy(valueOf(button.parentElement), button);
  });

  const furnish = () => document.querySelectorAll("dd[data-copy]:not(:has(.copy-button))").forEach((value) => {
    const button = made();
    button.setAttribute("aria-label", `${word("copy")}: ${nameOf(value)}`);
    value.append(button);
  });
  furnish();
  document.addEventListener("htmx:afterSettle", furnish);
})();
