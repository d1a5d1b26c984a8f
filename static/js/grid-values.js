// The grid's values: what a typed or pasted text means in a column, and blocks of cells as spreadsheets copy them.
(() => {
  "use strict";

  /** What stands in a cell: `raw` is sent, `text` is seen. @typedef {{raw: string, text: string, problem: string, open?: boolean}} Value */
  /** A declared column (forms/gridcolumns.py). @typedef {{name: string, label: string, way: string, url: string, empty: string, options: string[][], names: Map<string, Map<string, string>>}} Column */

  const words = /** @type {HTMLTemplateElement | null} */ (document.getElementById("grid-words"));
  /** @param {number} n */
  const written = (n) => n.toLocaleString(document.documentElement.lang);
  /** @param {string} name @param {{n?: number, m?: number, s?: string}} [said] */
  const word = (name, { n = 0, m = 0, s = "" } = {}) => {
    const text = words?.content.querySelector(`[data-word="${name}"]`)?.textContent ?? name;
    return text.replace(/%[nms]/g, (mark) => ({ "%n": written(n), "%m": written(m), "%s": s })[mark] ?? mark);
  };
  /** One of two sentences by number. @param {string} one @param {string} many @param {number} n */
  const counted = (one, many, n) => word(n === 1 ? one : many, { n });

  /** @param {string} text */
  const folded = (text) => text.trim().toLocaleLowerCase();
  const GAPS = /[\s\u00a0\u202f'’]/g;

  /** @param {Column} column @param {string} text @param {string} thousands @returns {Value} */
  const number = (column, text, thousands) => {
    let bare = text.replace(GAPS, "");
    const mark = thousands.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    if (mark && new RegExp(`^[+-]?\\d{1,3}(${mark}\\d{3})+$`).test(bare)) bare = bare.split(thousands).join("");
    if (!/^[+-]?\d{1,15}$/.test(bare)) return { raw: text, text, problem: word("not-number", { s: text }) };
    bare = String(Number(bare));
    return { raw: bare, text: bare, problem: "" };
  };

  /** @param {Column} column @param {string} text */
  const option = (column, text) => {
    const sought = folded(text);
    const found = column.options.filter((each) => each[0] === text || each.some((held) => folded(held) === sought));
    return found.length === 1 ? found[0] : found.find((each) => each[0] === text);
  };

  /** @param {Column} column @param {string} text @returns {Value} */
  const related = (column, text) => {
    const held = column.names.get(folded(text));
    if (!held) return { raw: text, text, problem: word("looking-up", { s: text }), open: true };
    if (held.size !== 1) {
      return { raw: text, text, problem: word(held.size ? "found-more" : "not-found", { s: text }) };
    }
    const [[raw, label]] = held;
    return { raw, text: label, problem: "" };
  };

  /** What a text means in a column. @param {Column} column @param {string} given @param {string} thousands @returns {Value} */
  const read = (column, given, thousands) => {
    const line = given.replace(/\r\n?/g, "\n");
    const text = column.way === "long" && line.trim() ? line : line.trim();
    if (!text) return { raw: "", text: "", problem: column.empty };
    if (column.way === "number") return number(column, text, thousands);
    if (column.way === "search") return related(column, text);
    if (column.way !== "choice" && column.way !== "open") return { raw: text, text, problem: "" };
    const found = option(column, text);
    if (found) return { raw: found[0], text: found[1], problem: "" };
    return { raw: text, text, problem: column.way === "choice" ? word("not-listed", { s: text }) : "" };
  };

  /** Remembers what a name stands for. @param {Column} column @param {string} name @param {string[][]} found pairs of address and name */
  const learn = (column, name, found) => {
    const held = column.names.get(folded(name)) ?? new Map();
    for (const [raw, label] of found) held.set(raw, label);
    column.names.set(folded(name), held);
  };

  const QUOTED = /"((?:[^"]|"")*)"(?=[\t\n]|$)/y;
  const PLAIN = /[^\t\n]*/y;
  /** A block as a spreadsheet copies it: tabs and lines; what holds one of those stands in quotes. @param {string} text @returns {string[][]} */
  const parse = (text) => {
    const given = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
    const rows = [/** @type {string[]} */ ([])];
    let at = 0;
    for (;;) {
      // Quotes count where they hold the whole cell; anything else is a text that has quotes in it.
      QUOTED.lastIndex = PLAIN.lastIndex = at;
      const quoted = QUOTED.exec(given);
      const found = quoted ?? PLAIN.exec(given) ?? [""];
      rows[rows.length - 1].push(quoted ? quoted[1].replaceAll('""', '"') : found[0]);
      at += found[0].length;
      if (at >= given.length) return rows;
      if (given[at] === "\n") rows.push([]);
      at += 1;
    }
  };

  /** @param {string[][]} rows */
  const format = (rows) => rows.map((row) => row.map((text) => (
    /[\t\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  )).join("\t")).join("\n");

  window.backoffice.grid = { word, counted, read, learn, parse, format, folded };
})();
