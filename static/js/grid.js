// The grid: records as rows, cells edited in place (WAI-ARIA's grid: one cell is in the tab order, arrows move).
(() => {
  "use strict";
  const found = document.getElementById("grid");
  const form = /** @type {HTMLFormElement | null} */ (document.getElementById("grid-form"));
  if (!(found instanceof HTMLTableElement) || !form) return;
  const table = found;
  const box = /** @type {HTMLElement} */ (table.closest(".grid-box"));
  const { grid } = window.backoffice;
  const { word, counted } = grid;
  /** A cell of static/js/grid-cells.js. @typedef {{element: HTMLTableCellElement, column: any, key: string, row: number, at: number, fixed: boolean, was: any, now: any}} Cell */

  const token = /** @type {HTMLInputElement} */ (form.elements.namedItem("csrfmiddlewaretoken")).value;
  const sheet = new grid.Sheet(table, token, () => tell());
  /** @type {{cells: Cell[][], byElement: Map<Element, Cell>, last: {row: number, at: number}}} */
  const { cells, byElement, last } = sheet;

  // --- what the page says
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("cells"));
  const preview = /** @type {HTMLButtonElement} */ (form.elements.namedItem("preview"));
  /** @param {string} name */
  const button = (name) => /** @type {HTMLButtonElement} */ (document.querySelector(`[data-grid="${name}"]`));
  /** @param {Set<Cell>} changed */
  const sentence = (changed) => {
    const records = new Set([...changed].map((cell) => cell.key)).size;
    if (!changed.size) return word("no-cell");
    if (changed.size === 1) return word("one-cell");
    return word(records === 1 ? "cells-of-one" : "cells", { n: changed.size, m: records });
  };
  const tell = () => {
    const { changed, wrong, done, undone } = sheet;
    field.value = sheet.pack();
    const problems = wrong.size ? counted("one-problem", "problems", wrong.size) : "";
    const count = /** @type {HTMLElement} */ (document.getElementById("grid-count"));
    count.textContent = [sentence(changed), problems].filter(Boolean).join("; ");
    count.classList.toggle("has-problems", Boolean(problems));
    button("problem").hidden = !problems;
    preview.disabled = !changed.size;
    for (const [name, able] of /** @type {[string, boolean][]} */ ([["undo", done.length > 0], ["redo", undone.length > 0], ["discard", changed.size > 0]])) {
      button(name).setAttribute("aria-disabled", String(!able));
    }
  };
  /** @param {string[]} sentences */
  const note = (...sentences) => {
    const place = /** @type {HTMLElement} */ (document.getElementById("grid-note"));
    place.textContent = sentences.filter(Boolean).join(" ");
  };

  // --- where one is, and what is marked
  let active = { row: 0, at: 1 };
  let anchor = { row: 0, at: 1 };
  /** @type {Set<Cell>} */
  let marked = new Set();
  const range = () => ({
    top: Math.min(active.row, anchor.row), bottom: Math.max(active.row, anchor.row),
    left: Math.min(active.at, anchor.at), right: Math.max(active.at, anchor.at),
  });
  const inRange = () => {
    const { top, bottom, left, right } = range();
    return cells.slice(top, bottom + 1).map((line) => line.slice(left, right + 1));
  };
  const mark = () => {
    const several = active.row !== anchor.row || active.at !== anchor.at;
    const next = new Set(several ? inRange().flat() : []);
    for (const cell of marked) if (!next.has(cell)) cell.element.removeAttribute("aria-selected");
    for (const cell of next) if (!marked.has(cell)) cell.element.setAttribute("aria-selected", "true");
    marked = next;
  };
  /** @param {number} row @param {number} at @param {boolean} [extend] */
  const go = (row, at, extend = false) => {
    const before = cells[active.row][active.at].element;
    active = { row: Math.max(0, Math.min(last.row, row)), at: Math.max(0, Math.min(last.at, at)) };
    if (!extend) anchor = active;
    mark();
    const { element } = cells[active.row][active.at];
    before.tabIndex = -1;
    element.tabIndex = 0;
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  // --- editing one cell
  /** @type {{cell: Cell, editor: any} | null} */
  let editing = null;
  /** @param {Cell} cell @param {string | null} [begun] the character that began it */
  const edit = (cell, begun = null) => {
    note();
    if (cell.fixed) return note(word("fixed"));
    go(cell.row, cell.at);
    cell.element.textContent = "";
    cell.element.classList.add("is-editing");
    const editor = grid.edit(cell.element, cell.column, cell.now, begun, () => { if (commit()) go(cell.row, cell.at); });
    editing = { cell, editor };
  };
  /** Ends the edit. @param {boolean} [keep] whether what was typed stays */
  const commit = (keep = true) => {
    if (!editing) return false;
    const { cell, editor } = editing;
    const value = keep ? editor.value() : null;
    editing = null;
    cell.element.classList.remove("is-editing");
    editor.box.remove();
    sheet.paint(cell);
    if (value) sheet.put([[cell, "typed" in value ? sheet.read(cell, value.typed) : { ...value, problem: "" }]]);
    return true;
  };
  /** The next cell in reading order that can be edited, else the same. @param {number} by */
  const along = (by) => {
    const row = cells[active.row];
    for (let at = active.at + by; at >= 1 && at <= last.at; at += by) if (!row[at].fixed) return go(active.row, at);
    if (cells[active.row + by]) go(active.row + by, by > 0 ? 1 : last.at);
    else go(active.row, active.at);
  };
  /** @param {KeyboardEvent} event */
  const keyWhileEditing = (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    const { input } = /** @type {{editor: any}} */ (editing).editor;
    if (event.key === "Escape") commit(false);
    else if (event.key === "Tab") commit();
    else if (event.key === "Enter" && event.altKey && input instanceof HTMLTextAreaElement) {
      input.setRangeText("\n", input.selectionStart, input.selectionEnd, "end");
      return event.preventDefault();
    } else if (event.key === "Enter") commit();
    else return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") go(active.row, active.at);
    else if (event.key === "Tab") along(event.shiftKey ? -1 : 1);
    else go(active.row + (event.shiftKey ? -1 : 1), active.at);
  };

  // --- what is done to what is marked
  const clear = () => {
    const open = inRange().flat().filter((cell) => !cell.fixed);
    const able = open.filter((cell) => !cell.column.empty);
    sheet.put(able.map((cell) => [cell, { raw: "", text: "", problem: "" }]));
    const fixed = inRange().flat().filter((cell) => cell.fixed && cell.at).length;
    note(
      open.length > able.length ? counted("one-not-emptied", "not-emptied", open.length - able.length) : "",
      fixed ? counted("one-fixed", "some-fixed", fixed) : "",
    );
  };
  /** The topmost marked cell into those below it; of a single one, the cell above into it. */
  const fillDown = () => {
    const { top, bottom, left, right } = range();
    const from = top === bottom ? top - 1 : top;
    if (from < 0) return note(word("none-above"));
    const into = cells.slice(from + 1, bottom + 1).flatMap((line) => line.slice(Math.max(left, 1), right + 1));
    const fixed = into.filter((cell) => cell.fixed || cells[from][cell.at].fixed);
    const number = sheet.put(into.filter((cell) => !fixed.includes(cell)).map((cell) => [cell, { ...cells[from][cell.at].now }]));
    note(counted("one-filled", "filled", number), fixed.length ? counted("one-fixed", "some-fixed", fixed.length) : "");
  };
  /** @param {string} text */
  const paste = (text) => {
    let block = grid.parse(text);
    const { top, left, bottom, right } = range();
    if (block.length === 1 && block[0].length === 1) {
      block = Array.from({ length: bottom - top + 1 }, () => Array(right - left + 1).fill(block[0][0]));
    }
    let outside = 0;
    let fixed = 0;
    /** @type {[Cell, any][]} */
    const wanted = [];
    block.forEach((line, row) => line.forEach((value, at) => {
      const cell = cells[top + row]?.[left + at];
      if (!cell) outside += value ? 1 : 0;
      else if (!cell.fixed) wanted.push([cell, sheet.read(cell, value)]);
      else if (value.trim() !== cell.now.text.trim()) fixed += 1;
    }));
    const number = sheet.put(wanted);
    anchor = { row: top, at: left };
    const widest = block.reduce((most, line) => Math.max(most, line.length), 1);
    go(Math.min(top + block.length - 1, last.row), Math.min(left + widest - 1, last.at), true);
    note(
      counted("one-pasted", "pasted", number),
      outside ? counted("one-outside", "some-outside", outside) : "",
      fixed ? counted("one-fixed", "some-fixed", fixed) : "",
    );
  };
  /** To where something was undone. @param {Cell | null} cell */
  const follow = (cell) => {
    note();
    if (cell && table.contains(document.activeElement)) go(cell.row, cell.at);
    else cell?.element.scrollIntoView({ block: "nearest", inline: "nearest" }); // the button keeps the focus
  };
  /** @type {Record<string, () => void>} */
  const acts = {
    undo: () => follow(sheet.undo()),
    redo: () => follow(sheet.redo()),
    fill: fillDown,
    discard: () => {
      if (sheet.put([...sheet.changed].map((cell) => [cell, cell.was]))) note(word("taken-back"));
    },
    problem: () => {
      const after = (/** @type {Cell} */ cell) => cell.row > active.row || (cell.row === active.row && cell.at > active.at);
      const all = [...sheet.wrong].sort((one, other) => one.row - other.row || one.at - other.at);
      const next = all.find(after) ?? all[0];
      if (next) go(next.row, next.at);
    },
  };

  // --- keys
  /** @param {KeyboardEvent} event @returns {[number, number] | null} where a key leads */
  const led = (event) => {
    const far = event.ctrlKey || event.metaKey;
    const page = Math.max(1, Math.floor(box.clientHeight / cells[0][0].element.offsetHeight) - 2);
    const { row, at } = active;
    switch (event.key) {
      case "ArrowUp": return [far ? 0 : row - 1, at];
      case "ArrowDown": return [far ? last.row : row + 1, at];
      case "ArrowLeft": return [row, far ? 0 : at - 1];
      case "ArrowRight": return [row, far ? last.at : at + 1];
      case "Home": return [far ? 0 : row, 0];
      case "End": return [far ? last.row : row, last.at];
      case "PageUp": return [row - page, at];
      case "PageDown": return [row + page, at];
      default: return null;
    }
  };
  /** What a key with Ctrl does. @param {KeyboardEvent} event */
  const shortcut = (event) => {
    const key = event.key.toLowerCase();
    if (key === "d") return acts.fill;
    if (key === "z") return event.shiftKey ? acts.redo : acts.undo;
    if (key === "y") return acts.redo;
    if (key === "a") return () => { anchor = { row: 0, at: 1 }; go(last.row, last.at, true); };
    return null;
  };
  /** @param {KeyboardEvent} event */
  const plain = (event) => {
    const cell = cells[active.row][active.at];
    if (event.key === "Enter" || event.key === "F2") return () => edit(cell);
    if (event.key === "Delete" || event.key === "Backspace") return clear;
    if (event.key.length === 1 && (!event.altKey || event.getModifierState("AltGraph"))) return () => edit(cell, event.key);
    return null;
  };
  table.addEventListener("keydown", (event) => {
    if (editing) return keyWhileEditing(event);
    if (event.isComposing || !byElement.has(/** @type {Element} */ (event.target))) return;
    const to = event.altKey ? null : led(event);
    // AltGr, which makes letters of their own, comes with Ctrl.
    const commands = (event.ctrlKey || event.metaKey) && !event.getModifierState("AltGraph");
    const act = to ? () => go(...to, event.shiftKey) : commands ? shortcut(event) : plain(event);
    if (!act) return;
    event.preventDefault();
    act();
  });

  // --- mouse, touch and focus
  /** @param {EventTarget | null} target */
  const cellAt = (target) => (target instanceof Element ? byElement.get(target.closest("td, th") ?? target) : undefined);
  let dragging = false;
  /** @type {Cell | null} the cell that was pressed while it was the active one */
  let pressed = null;
  table.addEventListener("mousedown", (event) => {
    const cell = cellAt(event.target);
    if (!cell || event.button || editing?.cell === cell) return;
    event.preventDefault();
    document.getSelection()?.removeAllRanges();
    commit();
    pressed = document.activeElement === cell.element && !event.shiftKey ? cell : null;
    dragging = true;
    go(cell.row, cell.at, event.shiftKey);
  });
  table.addEventListener("mouseover", (event) => {
    const cell = dragging && event.buttons === 1 ? cellAt(event.target) : undefined;
    if (!cell || (cell.row === active.row && cell.at === active.at)) return;
    pressed = null;
    go(cell.row, cell.at, true);
  });
  document.addEventListener("mouseup", () => { dragging = false; });
  table.addEventListener("click", (event) => {
    const cell = cellAt(event.target);
    if (cell && cell === pressed && !editing) edit(cell);
    pressed = null;
  });
  table.addEventListener("focusin", (event) => {
    const cell = editing ? undefined : byElement.get(/** @type {Element} */ (event.target));
    if (cell && (cell.row !== active.row || cell.at !== active.at)) go(cell.row, cell.at);
  });
  table.addEventListener("focusout", (event) => {
    if (editing && !editing.editor.box.contains(event.relatedTarget)) commit();
  });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest('a[href^="#cell-"]') : null;
    const linked = link && byElement.get(document.getElementById(link.getAttribute("href")?.slice(1) ?? "") ?? table);
    if (linked) {
      event.preventDefault();
      return go(linked.row, linked.at);
    }
    const at = event.target instanceof Element ? event.target.closest("[data-grid]") : null;
    if (!at || at.getAttribute("aria-disabled") === "true") return;
    acts[at.getAttribute("data-grid") ?? ""]();
  });

  // --- the clipboard
  const idle = () => !editing && table.contains(document.activeElement) && (document.getSelection()?.isCollapsed ?? true);
  document.addEventListener("copy", (event) => {
    if (!idle()) return;
    event.clipboardData?.setData("text/plain", grid.format(inRange().map((line) => line.map((cell) => cell.now.text))));
    event.preventDefault();
  });
  document.addEventListener("paste", (event) => {
    const text = idle() ? event.clipboardData?.getData("text/plain") : "";
    if (!text) return;
    event.preventDefault();
    paste(text);
  });

  // --- other columns: with changes the form goes along, so that nothing typed is lost
  document.getElementById("grid-columns-form")?.addEventListener("submit", (event) => {
    if (!sheet.changed.size) return;
    event.preventDefault();
    const wanted = new FormData(/** @type {HTMLFormElement} */ (event.target)).getAll("column");
    for (const [name, value] of [["show", "1"], ...wanted.map((each) => ["column", String(each)])]) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    form.requestSubmit();
  });

  // The widths stay as they are now: nothing moves while somebody types, and no change lays out all rows again.
  const heads = [.../** @type {HTMLTableSectionElement} */ (table.tHead).rows[0].cells];
  const widths = heads.map((head) => head.offsetWidth);
  heads.forEach((head, n) => { head.style.width = `${widths[n]}px`; });
  table.style.width = `${widths.reduce((sum, width) => sum + width, 0)}px`;
  table.classList.add("is-set");

  cells[0][1].element.tabIndex = 0;
  tell();
})();
