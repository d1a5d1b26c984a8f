// The grid's cells: what they held, what they hold, what is undone with what, and names that are looked up.
(() => {
  "use strict";
  const { grid } = window.backoffice;
  const { word } = grid;
  const LOOKED_UP_AT_ONCE = 200;

  /** `was` as the grid was opened, `now` as it stands: {raw, text, problem}. @typedef {{element: HTMLTableCellElement, column: any, key: string, row: number, at: number, fixed: boolean, was: any, now: any}} Cell */
  /** What was done at one go, so that it is undone at one go. @typedef {{cell: Cell, before: any, after: any}[]} Steps */

  /** @param {HTMLTableCellElement} element @param {HTMLTableRowElement} line @param {number} row @param {number} at @param {any} column @returns {Cell} */
  const cellOf = (element, line, row, at, column) => {
    const { raw, was, wasText, problem } = element.dataset;
    const text = element.textContent ?? "";
    const now = { raw: raw ?? text, text, problem: problem ?? "" };
    const before = was === undefined ? now : { raw: was, text: wasText ?? "", problem: "" };
    const fixed = at === 0 || element.getAttribute("aria-readonly") === "true";
    return { element, column, key: line.dataset.rowKey ?? "", row, at, fixed, was: before, now };
  };

  class Sheet {
    /** @param {HTMLTableElement} table @param {string} token @param {() => void} tell called whenever something changed */
    constructor(table, token, tell) {
      this.columns = JSON.parse(table.dataset.columns ?? "[]");
      this.thousands = table.dataset.thousands ?? "";
      this.namesUrl = table.dataset.namesUrl ?? "";
      this.token = token;
      this.tell = tell;
      /** @type {Cell[][]} */
      this.cells = [...table.tBodies[0].rows].map((line, row) => [...line.cells].map((each, at) => cellOf(each, line, row, at, this.columns[at - 1])));
      /** @type {Map<Element, Cell>} */
      this.byElement = new Map(this.cells.flat().map((cell) => [cell.element, cell]));
      this.last = { row: this.cells.length - 1, at: this.columns.length };
      /** @type {Set<Cell>} */
      this.changed = new Set();
      /** @type {Set<Cell>} */
      this.wrong = new Set();
      /** @type {Steps[]} */
      this.done = [];
      /** @type {Steps[]} */
      this.undone = [];
      this.columns.forEach((/** @type {any} */ column, /** @type {number} */ n) => this.learnColumn(column, n + 1));
      for (const cell of this.byElement.values()) if (cell.now !== cell.was) this.paint(cell);
    }

    /** The names that the page shows anyway. @param {any} column @param {number} at */
    learnColumn(column, at) {
      column.names = new Map();
      if (column.way !== "search") return;
      for (const { [at]: cell } of this.cells) {
        for (const { raw, text, problem } of [cell.was, cell.now]) if (raw && !problem) grid.learn(column, text, [[raw, text]]);
      }
    }

    /** What a text would be in a cell. @param {Cell} cell @param {string} text */
    read(cell, text) {
      return grid.read(cell.column, text, this.thousands);
    }

    /** @param {Cell} cell */
    paint(cell) {
      const { element, now, was } = cell;
      const differs = now.raw !== was.raw;
      this.changed[differs ? "add" : "delete"](cell);
      this.wrong[differs && now.problem ? "add" : "delete"](cell);
      if (!element.classList.contains("is-editing") && element.textContent !== now.text) element.textContent = now.text;
      element.classList.toggle("is-changed", differs);
      // The title is also what a screen reader says after the text.
      const said = differs ? [now.problem, word("was", { s: was.text || word("empty") })].filter(Boolean).join(" ") : "";
      const attributes = { title: said || (now.text.length > 24 ? now.text : ""), "aria-invalid": differs && now.problem ? "true" : "" };
      for (const [name, value] of Object.entries(attributes)) {
        if (value) element.setAttribute(name, value);
        else element.removeAttribute(name);
      }
    }

    /** Puts values into cells; how many of them are others than before. @param {[Cell, any][]} wanted */
    put(wanted) {
      const steps = wanted.filter(([cell, value]) => value.raw !== cell.now.raw || value.text !== cell.now.text)
        .map(([cell, after]) => ({ cell, before: cell.now, after }));
      if (steps.length) {
        this.done.push(steps);
        this.undone.length = 0;
        this.show(steps, "after");
        this.lookUp(steps.map(({ cell }) => cell));
      }
      return steps.length;
    }

    /** @param {Steps} steps @param {"before" | "after"} side */
    show(steps, side) {
      for (const each of steps) {
        each.cell.now = each[side];
        this.paint(each.cell);
      }
      this.tell();
    }

    /** The first cell of what was undone, null for nothing. */
    undo() {
      return this.step(this.done, this.undone, "before");
    }

    redo() {
      return this.step(this.undone, this.done, "after");
    }

    /** @param {Steps[]} from @param {Steps[]} to @param {"before" | "after"} side */
    step(from, to, side) {
      const steps = from.pop();
      if (!steps) return null;
      to.push(steps);
      this.show(steps, side);
      return steps[0].cell;
    }

    /** What is to be sent: {key: {field: text}}. */
    pack() {
      /** @type {Record<string, Record<string, string>>} */
      const held = {};
      for (const cell of this.changed) (held[cell.key] ??= {})[cell.column.name] = cell.now.raw;
      return JSON.stringify(held);
    }

    /** Asks for the names of related records that this page does not know. @param {Cell[]} asked */
    lookUp(asked) {
      /** @type {Map<any, Map<string, Cell[]>>} */
      const open = new Map();
      for (const cell of asked) {
        if (!cell.now.open) continue;
        const names = open.get(cell.column) ?? new Map();
        names.set(cell.now.raw, [...(names.get(cell.now.raw) ?? []), cell]);
        open.set(cell.column, names);
      }
      for (const [column, names] of open) {
        const all = [...names];
        for (let n = 0; n < all.length; n += LOOKED_UP_AT_ONCE) this.ask(column, all.slice(n, n + LOOKED_UP_AT_ONCE));
      }
    }

    /** @param {any} column @param {[string, Cell[]][]} names */
    async ask(column, names) {
      const answers = await this.answers(column, names.map(([name]) => name));
      for (const [name, cells] of names) {
        if (answers) grid.learn(column, name, answers[name] ?? []);
        for (const cell of cells) {
          const value = cell.now;
          if (value.raw !== name || !value.open) continue; // somebody has typed another one since
          const settled = answers ? this.read(cell, name) : { problem: word("look-up-later", { s: name }) };
          // In place, because what can be undone holds this very value.
          Object.assign(value, settled, { open: false });
          this.paint(cell);
        }
      }
      this.tell();
    }

    /** @param {any} column @param {string[]} names @returns {Promise<Record<string, string[][]> | null>} */
    async answers(column, names) {
      const body = new FormData();
      body.set("csrfmiddlewaretoken", this.token);
      body.set("field", column.name);
      for (const name of names) body.append("name", name);
      try {
        const answer = await fetch(this.namesUrl, { method: "POST", body });
        return answer.ok ? (await answer.json()).names : null;
      } catch {
        return null;
      }
    }
  }

  grid.Sheet = Sheet;
})();
