// Buttons that copy, and parts of a page that bring themselves up to date. Every page works without them.
//
//   <button hidden data-copy="what is copied" data-said="Copied">
//   <div data-part="/address" data-again="2000">    asked for again after so many milliseconds, while data-again stands
(() => {
  const FOCUSED = "a, button, summary";
  const written = async (text) => {
    if (navigator.clipboard && (await navigator.clipboard.writeText(text).then(() => true, () => false))) return;
    const before = document.activeElement;
    const box = Object.assign(document.createElement("textarea"), { value: text, readOnly: true, className: "visually-hidden" });
    document.body.append(box);
    box.select();
    document.execCommand("copy"); // without https, or where the browser refuses, there is no other way
    box.remove();
    before?.focus();
  };

  const show = (within) => {
    for (const button of within.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
  };

  const timers = new WeakMap();
  addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await written(button.dataset.copy);
    const words = button.querySelector("[data-copy-words]") || button;
    words.dataset.before ??= words.textContent; // pressed again while it still says that it did
    words.textContent = button.dataset.said;
    clearTimeout(timers.get(words));
    timers.set(words, setTimeout(() => (words.textContent = words.dataset.before), 2000));
  });

  const bring = async (part) => {
    clearTimeout(timers.get(part));
    const answer = await fetch(part.dataset.part, { headers: { Accept: "text/html" } }).catch(() => null);
    const fits = answer?.ok && !answer.redirected;
    if (fits) {
      const text = await answer.text();
      const place = [...part.querySelectorAll(FOCUSED)].indexOf(document.activeElement);
      part.innerHTML = text;
      show(part);
      part.querySelectorAll(FOCUSED)[place]?.focus();
      part.dispatchEvent(new CustomEvent("brought", { bubbles: true }));
    }
    again(part, fits);
  };
  const again = (part, fits = true) => {
    if (part.querySelector("[data-again]")) timers.set(part, setTimeout(() => bring(part), fits ? 2000 : 10_000));
  };

  window.sendbigBring = bring;
  show(document);
  for (const part of document.querySelectorAll("[data-part]")) again(part);
})();
