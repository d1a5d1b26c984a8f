// The control in which one cell of the grid is edited: a line, some lines, a select, or a type-ahead.
(() => {
  "use strict";
  const { grid, comboboxes } = window.backoffice;

  /** @param {string} tag @param {Record<string, string>} attributes */
  const made = (tag, attributes) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };

  /** @param {string[][]} options @param {string} id */
  const offers = (options, id) => {
    const list = made("datalist", { id });
    list.append(...options.map(([value, , offered]) => {
      const option = made("option", { value });
      if (offered !== value) option.textContent = offered;
      return option;
    }));
    return list;
  };

  /** @param {any} column @param {any} now @param {string | null} begun */
  const line = (column, now, begun) => {
    const long = column.way === "long" || now.text.includes("\n");
    const input = /** @type {HTMLInputElement} */ (made(long ? "textarea" : "input", { autocomplete: "off", dir: "auto" }));
    if (column.way === "number") input.setAttribute("inputmode", "numeric");
    const box = made("div", {});
    box.append(input);
    if (column.way === "open") {
      input.setAttribute("list", "grid-editor-list");
      box.append(offers(column.options, "grid-editor-list"));
    }
    input.value = begun ?? now.text;
    // Nothing touched means nothing changed, whatever reading the text again would make of it.
    return { box, input, value: () => (input.value === now.text ? null : { typed: input.value }) };
  };

  /** Typing chooses, from the very first character; the browser's own way would begin with the second.
   * @param {HTMLSelectElement} select @param {string} begun */
  const seeks = (select, begun) => {
    let sought = "";
    const find = (/** @type {string} */ text) => [...select.options].find((each) => each.value && each.text.toLocaleLowerCase().startsWith(text));
    const type = (/** @type {string} */ key) => {
      const more = (sought + key).toLocaleLowerCase();
      sought = find(more) ? more : key.toLocaleLowerCase(); // what nothing begins with begins anew
      select.value = find(sought)?.value ?? select.value;
    };
    select.addEventListener("keydown", (event) => {
      const command = event.ctrlKey || event.metaKey || event.altKey;
      if (event.key.length !== 1) sought = "";
      if (event.key.length !== 1 || (command && !event.getModifierState("AltGraph")) || (event.key === " " && !sought)) return;
      event.preventDefault();
      type(event.key);
    });
    if (begun.trim()) type(begun);
  };

  /** @param {any} column @param {any} now @param {string | null} begun */
  const choice = (column, now, begun) => {
    const select = /** @type {HTMLSelectElement} */ (made("select", {}));
    const add = (/** @type {string} */ value, /** @type {string} */ label) => select.add(new Option(label, value));
    if (!column.empty || !now.raw) add("", grid.word("none-chosen"));
    if (now.raw && !column.options.some((/** @type {string[]} */ each) => each[0] === now.raw)) add(now.raw, now.text);
    for (const [value, , offered] of column.options) add(value, offered);
    select.value = now.raw;
    seeks(select, begun ?? "");
    const box = made("div", {});
    box.append(select);
    return { box, input: select, value: () => (select.value === now.raw ? null : { typed: select.value }) };
  };

  /** @param {any} column @param {any} now @param {string | null} begun @param {() => void} picked */
  const search = (column, now, begun, picked) => {
    const box = made("div", { "data-combobox": "", "data-url": column.url, "data-min": "2", "data-label": now.text });
    const field = /** @type {HTMLInputElement} */ (made("input", { name: "grid-editor", id: "grid-editor", value: now.raw }));
    const outer = made("div", {});
    box.append(field);
    outer.append(box);
    comboboxes(outer);
    const input = /** @type {HTMLInputElement} */ (box.querySelector("[role=combobox]"));
    box.querySelector("[role=listbox]")?.setAttribute("aria-label", column.label);
    let typed = now.text;
    input.addEventListener("input", () => { typed = input.value; });
    field.addEventListener("change", () => {
      if (field.value) grid.learn(column, input.value, [[field.value, input.value]]);
      typed = input.value;
      if (field.value) picked();
    });
    const value = () => {
      if (field.value && field.value !== now.raw) return { raw: field.value, text: input.value };
      return typed === now.text ? null : { typed };
    };
    return { box: outer, input, value, begin: () => {
      if (begun === null) return input.select();
      input.value = begun;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    } };
  };

  /**
   * Puts the control into the cell. `value()` is null where nothing was changed, {typed} a text to be read, or
   * {raw, text} what was chosen. `begun` is the first character where typing began the edit; `picked` is called
   * when a related record was chosen.
   * @param {HTMLTableCellElement} cell @param {any} column @param {any} now @param {string | null} begun @param {() => void} picked
   */
  grid.edit = (cell, column, now, begun, picked) => {
    const make = column.way === "choice" ? choice : column.way === "search" ? search : line;
    const editor = make(column, now, begun, picked);
    editor.box.classList.add("grid-editor");
    editor.input.classList.add("control");
    editor.input.setAttribute("aria-label", grid.word("editor", { s: column.label }));
    if (now.problem) editor.input.setAttribute("aria-invalid", "true");
    cell.append(editor.box);
    editor.input.focus();
    if (editor.begin) editor.begin();
    else if (begun === null && editor.input.select) editor.input.select();
    return editor;
  };
})();
