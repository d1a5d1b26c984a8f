// Type-ahead (ARIA 1.2 combobox with a listbox) over a plain input or select given by the server.
// [data-combobox] holds one named input or select; data-url answers ?q= with <li role="option" data-value>.
// Without data-url the options of the select are searched here. The named control keeps the value.
(() => {
  "use strict";
  const WAIT_MS = 200;

  class Combobox {
    /** @param {HTMLElement} box */
    constructor(box) {
      this.box = box;
      this.url = box.dataset.url ?? "";
      this.least = Number(box.dataset.min ?? (this.url ? 1 : 0));
      this.field = /** @type {HTMLInputElement | HTMLSelectElement} */ (box.querySelector("input[name], select[name]"));
      this.active = -1;
      this.timer = 0;
      this.asked = new AbortController();
      this.build();
      this.listen();
    }

    get options() {
      return /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll("[role=option]")]);
    }

    /** The visible input takes over the id, the label and what describes it. */
    build() {
      const { field, box } = this;
      this.input = document.createElement("input");
      this.list = document.createElement("ul");
      this.input.type = "text";
      this.input.id = field.id;
      field.id = `${field.id}_value`;
      this.list.id = `${this.input.id}_options`;
      this.list.hidden = true;
      this.list.className = "combobox-list";
      const described = field.getAttribute("aria-describedby");
      const attributes = { role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": this.list.id, autocomplete: "off", spellcheck: "false" };
      for (const [name, value] of Object.entries(attributes)) this.input.setAttribute(name, value);
      if (described) this.input.setAttribute("aria-describedby", described);
      for (const name of ["aria-invalid", "placeholder"]) {
        if (field.hasAttribute(name)) this.input.setAttribute(name, field.getAttribute(name) ?? "");
      }
      this.input.required = field.required;
      this.input.disabled = field.disabled;
      field.required = false;
      this.list.setAttribute("role", "listbox");
      this.list.setAttribute("aria-label", document.querySelector(`label[for="${CSS.escape(this.input.id)}"]`)?.firstChild?.textContent?.trim() ?? "");
      this.input.value = this.label = this.currentLabel();
      if (field instanceof HTMLInputElement) field.type = "hidden";
      else field.hidden = true;
      box.classList.add("combobox");
      box.append(this.input, this.list);
    }

    currentLabel() {
      if (this.field instanceof HTMLInputElement) return this.box.dataset.label || this.field.value;
      return this.field.value ? (this.field.selectedOptions[0]?.textContent ?? "").trim() : "";
    }

    listen() {
      this.input.addEventListener("input", () => this.typed());
      this.input.addEventListener("keydown", (event) => this.key(event));
      this.input.addEventListener("blur", () => this.leave());
      this.input.addEventListener("click", () => { if (this.list.hidden && !this.input.value) this.typed(); });
      // mousedown would take the focus away before the click arrives
      this.list.addEventListener("mousedown", (event) => event.preventDefault());
      this.list.addEventListener("click", (event) => {
        const option = event.target instanceof Element ? event.target.closest("[role=option]") : null;
        if (option instanceof HTMLElement) this.choose(option);
      });
    }

    typed() {
      const text = this.input.value.trim();
      window.clearTimeout(this.timer);
      if (text.length < this.least) return this.say(window.backoffice.word("type-more", this.least));
      if (!this.url) return this.show(this.searchSelect(text));
      this.timer = window.setTimeout(() => this.fetch(text), WAIT_MS);
    }

    /** @param {string} text */
    searchSelect(text) {
      const sought = text.toLocaleLowerCase();
      const options = [.../** @type {HTMLSelectElement} */ (this.field).options];
      return options.filter((option) => option.value && option.text.toLocaleLowerCase().includes(sought)).map((option) => {
        const item = document.createElement("li");
        item.setAttribute("role", "option");
        item.dataset.value = option.value;
        item.textContent = option.text;
        return item;
      });
    }

    /** @param {string} text */
    async fetch(text) {
      this.asked.abort();
      this.asked = new AbortController();
      const url = new URL(this.url, window.location.href);
      url.searchParams.set("q", text);
      const late = window.setTimeout(() => this.say(window.backoffice.word("loading")), 300);
      try {
        const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: this.asked.signal });
        if (!answer.ok) throw new Error(String(answer.status));
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        window.clearTimeout(late);
        if (document.activeElement === this.input) this.show([...page.querySelectorAll("[role=option]")]);
      } catch (error) {
        window.clearTimeout(late);
        if (/** @type {Error} */ (error).name !== "AbortError") this.say(window.backoffice.word("failed"));
      }
    }

    /** @param {Element[]} items */
    show(items) {
      if (!items.length) return this.say(window.backoffice.word("no-match"));
      this.list.replaceChildren(...items);
      this.options.forEach((option, n) => {
        option.id = `${this.list.id}_${n}`;
        option.setAttribute("aria-selected", String(option.dataset.value === this.field.value));
      });
      this.open(true);
      this.move(-1);
      window.backoffice.announce(items.length === 1 ? window.backoffice.word("one-match") : window.backoffice.word("matches", items.length));
    }

    /** A line in place of the options. @param {string} text */
    say(text) {
      const line = document.createElement("li");
      line.setAttribute("role", "option");
      line.setAttribute("aria-disabled", "true");
      line.textContent = text;
      this.list.replaceChildren(line);
      this.open(true);
      this.move(-1);
      window.backoffice.announce(text);
    }

    /** @param {boolean} open */
    open(open) {
      this.list.hidden = !open;
      this.input.setAttribute("aria-expanded", String(open));
      if (open) this.list.scrollIntoView({ block: "nearest" });
      else this.move(-1);
    }

    /** @param {number} to */
    move(to) {
      this.active = to;
      this.options.forEach((option, n) => option.classList.toggle("is-active", n === to));
      const option = this.options[to];
      if (!option) return this.input.removeAttribute("aria-activedescendant");
      this.input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    }

    /** @param {KeyboardEvent} event */
    key(event) {
      const count = this.options.filter((option) => option.dataset.value !== undefined).length;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (this.list.hidden) return this.typed();
        const step = event.key === "ArrowDown" ? 1 : -1;
        const from = this.active < 0 && step < 0 ? count : this.active;
        if (count) this.move((from + step + count) % count);
      } else if (event.key === "Enter" && !this.list.hidden && this.active >= 0) {
        event.preventDefault();
        this.choose(this.options[this.active]);
      } else if (event.key === "Escape" && !this.list.hidden) {
        event.preventDefault();
        this.open(false);
      }
    }

    /** @param {HTMLElement} option */
    choose(option) {
      if (option.dataset.value === undefined) return;
      this.set(option.dataset.value, option.dataset.label ?? option.textContent?.trim() ?? "");
      this.open(false);
    }

    /** @param {string} value @param {string} label */
    set(value, label) {
      this.label = this.input.value = label;
      if (this.field.value === value) return;
      this.field.value = value;
      this.field.dispatchEvent(new Event("change", { bubbles: true }));
    }

    /** Half a name is no choice: emptied means none, anything else goes back to what was chosen. */
    leave() {
      window.clearTimeout(this.timer);
      this.asked.abort();
      this.open(false);
      if (this.input.value.trim() === "") this.set("", "");
      else this.input.value = this.label;
    }
  }

  /** @param {ParentNode} root */
  const start = (root) => root.querySelectorAll("[data-combobox]:not([data-started])").forEach((box) => {
    box.setAttribute("data-started", "");
    new Combobox(/** @type {HTMLElement} */ (box));
  });
  window.backoffice.comboboxes = start;
  start(document);
  document.addEventListener("htmx:afterSettle", () => start(document));
})();
