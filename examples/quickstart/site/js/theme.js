// Light or dark: as the system says, until the reader says otherwise. Without this script the pages are light, and complete.
(() => {
  "use strict";

  const root = document.documentElement;
  const button = document.querySelector("[data-theme-switch]");
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  // Storage can be refused, by a setting or a private window; then the choice lasts for this page.
  const remember = (theme) => {
    try {
      localStorage.setItem("theme", theme);
    } catch {
      /* nothing to do */
    }
  };
  const remembered = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null;
    }
  };

  const show = (theme) => {
    root.dataset.theme = theme;
    button.textContent = theme === "dark" ? "Light" : "Dark";
  };

  show(remembered() ?? (system.matches ? "dark" : "light"));
  button.hidden = false;
  button.addEventListener("click", () => {
    const theme = root.dataset.theme === "dark" ? "light" : "dark";
    remember(theme);
    show(theme);
  });
})();
