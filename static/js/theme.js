// Light or dark, as the system is set, before anything is drawn; and again when the setting changes.
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    document.documentElement.dataset.bsTheme = dark.matches ? "dark" : "light";
    document.documentElement.classList.toggle("dark-mode", dark.matches); // the API viewer's own switch
  };
  follow();
  dark.addEventListener("change", follow);
})();
