// Light or dark, as the user chose on this device or as the system is set, before anything is drawn; and again when
// either changes.
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage can be shut
    }
  };
  const follow = () => {
    const theme = chosen() || (dark.matches ? "dark" : "light");
    document.documentElement.dataset.bsTheme = theme;
    document.documentElement.classList.toggle("dark-mode", theme === "dark"); // the API viewer's own switch
  };
  follow();
  dark.addEventListener("change", follow);
  addEventListener("storage", follow);
  window.switchTheme = () => {
    localStorage.setItem("theme", document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark");
    follow();
  };
})();
