// Forms: one submit is one submit, leaving with unsaved changes asks, the error summary takes the focus.
(() => {
  "use strict";

  const original = Symbol("label");

  /** @param {HTMLFormElement} form @param {boolean} busy */
  const setBusy = (form, busy) => {
    if (busy) form.dataset.submitting = "";
    else delete form.dataset.submitting;
    const outside = form.id ? document.querySelectorAll(`button[form="${CSS.escape(form.id)}"]`) : [];
    for (const button of [...form.querySelectorAll("button"), ...outside]) {
      if (button.type !== "submit") continue;
      button.disabled = busy;
      if (busy && button.dataset.busy !== undefined) {
        button[original] = [...button.childNodes];
        button.textContent = button.dataset.busy || window.backoffice.word("busy");
      } else if (!busy && button[original]) {
        button.replaceChildren(...button[original]);
        delete button[original];
      }
    }
  };

  // Capturing, so that a second submit stops before any other listener sees it.
  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    // What is answered with a file leaves the page as it is.
    if (form.method !== "post" || form.matches("[data-quiet], [data-downloads]")) return;
    if (form.dataset.submitting !== undefined) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.submitting = "";
    // After the browser has read the fields: a disabled button would not be sent.
    window.setTimeout(() => setBusy(form, true));
    if (event.submitter?.dataset.busy) window.backoffice.announce(event.submitter.dataset.busy);
    const byHtmx = form.closest("[hx-post], [hx-put], [hx-patch], [hx-delete]");
    document.documentElement.classList.toggle("busy", !byHtmx);
  }, true);
  document.addEventListener("htmx:afterRequest", (event) => {
    // The form's own request, not one that a field in it made.
    const form = event.detail.elt;
    if (form?.matches?.("form[data-submitting]")) window.setTimeout(() => setBusy(form, false));
  });
  // Back from the browser's cache shows the page as it was left.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.documentElement.classList.remove("busy");
    document.querySelectorAll("form[data-submitting]").forEach((form) => setBusy(/** @type {HTMLFormElement} */ (form), false));
  });

  // --- unsaved changes
  /** @param {HTMLFormElement} form */
  const state = (form) => JSON.stringify([...new FormData(form)].filter(([, value]) => typeof value === "string"));
  /** @type {WeakMap<HTMLFormElement, string>} */
  const loaded = new WeakMap();
  const guarded = () => /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-guard-unsaved]"));
  const remember = () => guarded().forEach((form) => { if (!loaded.has(form)) loaded.set(form, state(form)); });
  /** A form that came back with errors ("dirty") holds unsaved input from the start. @param {HTMLFormElement} form */
  const unsaved = (form) => form.dataset.submitting === undefined
    && (form.dataset.guardUnsaved === "dirty" || loaded.get(form) !== state(form));
  window.addEventListener("beforeunload", (event) => {
    if ([...guarded()].some(unsaved)) event.preventDefault();
  });
  // A link that says "discard" has asked already.
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest("[data-discards]")) return;
    guarded().forEach((form) => form.removeAttribute("data-guard-unsaved"));
  });
  // Type-aheads replace inputs when they start; what counts is the form as the person first sees it.
  window.addEventListener("load", remember);
  document.addEventListener("htmx:afterSettle", remember);

  // --- a value typed beside a choice is the choice
  document.addEventListener("input", (event) => {
    const box = event.target instanceof Element ? event.target.closest("[data-picks]") : null;
    const choice = box && document.getElementById(box.getAttribute("data-picks") ?? "");
    if (choice instanceof HTMLInputElement && choice !== event.target) choice.checked = true;
  });

  // --- error summary
  const focusSummary = () => {
    const summary = document.querySelector("[data-form-summary]:not([data-seen])");
    if (!(summary instanceof HTMLElement)) return;
    summary.setAttribute("data-seen", "");
    summary.focus();
  };
  focusSummary();
  document.addEventListener("htmx:afterSettle", focusSummary);
})();
