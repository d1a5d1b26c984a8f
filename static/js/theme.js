// Runs before the first paint: "auto" follows the system, and says that scripts are on.
(() => {
  "use strict";
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const wanted = root.dataset.theme;
    const auto = dark.matches ? "dark" : "light";
    root.dataset.bsTheme = wanted === "dark" || wanted === "light" ? wanted : auto;
  };
  root.classList.add("js");
  dark.addEventListener("change", apply);
  new MutationObserver(apply).observe(root, { attributeFilter: ["data-theme"] });
  apply();
})();
