// The shell: words, announcements, menus, dialogs, toasts, and preferences kept without a reload.
(() => {
  "use strict";

  /** The translated words of templates/components/words.html. @param {string} name @param {number} [n] */
  const word = (name, n) => {
    const words = /** @type {HTMLTemplateElement} */ (document.getElementById("words"));
    const text = words.content.querySelector(`[data-word="${name}"]`)?.textContent ?? name;
    return n === undefined ? text : text.replace("%n", n.toLocaleString(document.documentElement.lang));
  };

  /** Says something to screen readers without moving the focus. @param {string} text */
  const announce = (text) => {
    const region = document.getElementById("announce");
    if (region) region.textContent = text;
  };

  /** Shows a problem above the page's content. @param {string} text */
  const problem = (text) => {
    const box = document.createElement("div");
    box.className = "note-box note-bad";
    box.textContent = text;
    document.getElementById("problems")?.replaceChildren(box);
  };

  window.backoffice = { word, announce, problem };

  // --- menus: native popovers; only browsers without anchor positioning need the place worked out
  /** @param {HTMLElement} menu */
  const place = (menu) => {
    const opener = document.querySelector(`[popovertarget="${menu.id}"]`);
    if (!opener) return;
    const box = opener.getBoundingClientRect();
    const left = Math.min(box.left, window.innerWidth - menu.offsetWidth - 8);
    const below = box.bottom + 4;
    const fits = below + menu.offsetHeight < window.innerHeight;
    menu.style.left = `${Math.max(8, left)}px`;
    menu.style.top = `${fits ? below : Math.max(8, box.top - menu.offsetHeight - 4)}px`;
  };
  if (!CSS.supports("position-area: bottom")) {
    document.addEventListener("toggle", (event) => {
      const menu = event.target;
      if (menu instanceof HTMLElement && menu.matches(".menu:popover-open")) place(menu);
    }, true);
  }
  document.addEventListener("keydown", (event) => {
    const menu = event.target instanceof Element ? event.target.closest(".menu") : null;
    if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    const items = [...menu.querySelectorAll("a, button")];
    const at = items.indexOf(/** @type {Element} */ (document.activeElement));
    const to = (at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length;
    /** @type {HTMLElement} */ (items[to]).focus();
    event.preventDefault();
  });

  // --- dialogs: the browser traps and gives back the focus
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && document.getElementById(opener.getAttribute("data-dialog") ?? "");
    if (dialog instanceof HTMLDialogElement) {
      event.preventDefault();
      /** @type {HTMLElement | null} */ (opener.closest("[popover]"))?.hidePopover();
      dialog.showModal();
    }
    const open = event.target.closest("dialog");
    if (open && (event.target.closest("[data-close]") || event.target === open)) open.close();
  });

  // --- toasts: good news goes after a while, unless someone is reading it; the rest stays
  const READ_MS = 7000;
  const ACT_MS = 20000;
  /** @param {HTMLElement} toast */
  const watch = (toast) => {
    announce(toast.querySelector("div")?.textContent?.trim() ?? "");
    toast.querySelector("[data-toast-close]")?.addEventListener("click", () => toast.remove());
    if (toast.dataset.toast === "stay") return;
    let timer = 0;
    const stays = toast.querySelector("a") ? ACT_MS : READ_MS;
    const start = () => { timer = window.setTimeout(() => toast.remove(), stays); };
    const stop = () => window.clearTimeout(timer);
    for (const name of ["mouseenter", "focusin"]) toast.addEventListener(name, stop);
    for (const name of ["mouseleave", "focusout"]) toast.addEventListener(name, () => { stop(); start(); });
    start();
  };
  const toasts = document.getElementById("toasts");
  if (toasts) {
    const each = () => toasts.querySelectorAll("[data-toast]:not([data-watched])").forEach((toast) => {
      toast.setAttribute("data-watched", "");
      watch(/** @type {HTMLElement} */ (toast));
    });
    new MutationObserver(each).observe(toasts, { childList: true });
    // A live region that is filled too early is not read out.
    window.setTimeout(each, 150);
  }

  // --- preferences from the top bar: applied at once, kept in the background
  /** @param {HTMLButtonElement} button */
  const apply = (button) => {
    const { name, value } = button;
    if (name === "theme") document.documentElement.dataset.theme = value;
    if (name === "density") document.body.dataset.density = value;
    if (name === "sidebar_collapsed") {
      document.body.dataset.sidebar = value === "1" ? "collapsed" : "open";
      button.setAttribute("aria-expanded", String(value !== "1"));
      button.value = value === "1" ? "0" : "1";
    }
    // The same may have been chosen elsewhere, as in the search for everything.
    for (const other of document.querySelectorAll(`button[name="${CSS.escape(name)}"][aria-pressed]`)) {
      other.setAttribute("aria-pressed", String(/** @type {HTMLButtonElement} */ (other).value === value));
    }
  };
  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (!form.matches("[data-quiet]") || !(event.submitter instanceof HTMLButtonElement)) return;
    event.preventDefault();
    const body = new FormData(form, event.submitter);
    apply(event.submitter);
    fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } })
      .then((answer) => { if (!answer.ok) throw new Error(String(answer.status)); })
      .catch(() => problem(word("not-kept")));
  });
})();
