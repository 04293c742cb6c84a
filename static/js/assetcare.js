// Small comforts. Every page works without them.
(() => {
  const typing = (place) => place.closest("input, textarea, select, [contenteditable]");

  // "/" goes to the search box.
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const box = document.getElementById("find");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });

  // Menus close when one goes elsewhere.
  const shut = (event) => {
    for (const open of document.querySelectorAll("details.who[open], details.drop[open]")) {
      const away = event.type === "keydown" ? event.key === "Escape" : !open.contains(event.target);
      if (!away) continue;
      open.open = false;
      if (event.type === "keydown") open.querySelector("summary").focus();
    }
  };
  addEventListener("click", shut);
  addEventListener("keydown", shut);

  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.switchTheme());
  }

  // Who was signed in last on this device, for a page that is kept for times without a connection.
  try {
    if (document.body.dataset.user) localStorage.setItem("user", document.body.dataset.user);
    else if (document.body.dataset.user === "") localStorage.removeItem("user");
  } catch {
    // storage can be shut
  }

  // A form that asks first: <form data-confirm="What is lost?">
  addEventListener("submit", (event) => {
    const question = event.target.dataset.confirm;
    if (question && !confirm(question)) event.preventDefault();
  });

  // Fields that look things up while one types: <input list="x" data-pick="/address">
  let waiting;
  addEventListener("input", (event) => {
    const { pick } = event.target.dataset;
    if (!pick || event.inputType === "insertReplacementText" || /#\d+\s*$/.test(event.target.value)) return;
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const address = new URL(pick, location.href);
      address.searchParams.set("q", event.target.value);
      const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
      if (answer?.ok && !answer.redirected) event.target.list.innerHTML = await answer.text();
    }, 150);
  });
})();
