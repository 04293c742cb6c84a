// The part of a page by which files are sent: what is chosen or dropped, how far it is, and what earlier visits left.
//
//   <section data-upload="/where/uploads/are/made" data-say-...>   _upload.html writes it; `sendbigQueue` does the work
//   <form data-send>                                          waits until everything has arrived
(() => {
  const place = document.querySelector("[data-upload]");
  if (!place || !window.tus?.isSupported) return;

  const say = place.dataset;
  const part = (name) => place.querySelector(`[data-${name}]`);
  const list = part("queue");
  const files = document.querySelector("[data-part]");
  const send = document.querySelector("form[data-send]");
  const language = document.documentElement.lang;
  const title = document.title;

  // --- In words -------------------------------------------------------------------------------------------------

  const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const bytes = (count, per = "") => {
    const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(count, 1)) / 3));
    const value = count / 1000 ** step;
    const digits = step && value < 100 ? 1 : 0;
    const shown = { style: "unit", unit: UNITS[step] + per, minimumFractionDigits: digits, maximumFractionDigits: digits };
    return new Intl.NumberFormat(language, shown).format(value);
  };
  const period = (seconds) => {
    const [unit, length] = [["hour", 3600], ["minute", 60], ["second", 1]].find(([, one]) => seconds >= 1.5 * one) || ["second", 1];
    const shown = { style: "unit", unit, unitDisplay: "long" };
    return new Intl.NumberFormat(language, shown).format(Math.max(1, Math.round(seconds / length)));
  };
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const percent = (share) => new Intl.NumberFormat(language, { style: "percent" }).format(share);
  const share = (sent, size) => (size ? sent / size : 1);

  const far = ({ sent, size, rate }) => {
    const told = [percent(Math.floor(100 * share(sent, size)) / 100), filled(say.sayOf, { sent: bytes(sent), size: bytes(size) })];
    if (rate > 0 && sent < size) told.push(bytes(rate, "-per-second"), filled(say.sayLeft, { time: period((size - sent) / rate) }));
    return told.join(" · ");
  };
  const REFUSALS = { "signed out": say.saySignedOut, unreadable: say.sayUnreadable, "": say.sayRefused };
  const TOLD = {
    waiting: () => say.sayWaiting,
    sending: far,
    paused: (item) => `${say.sayPaused} · ${far(item)}`,
    lost: ({ again, message }) => {
      const time = { time: period((again - Date.now()) / 1000) };
      if (message) return `${message} ${filled(say.sayAgain, time)}`;
      return filled(navigator.onLine ? say.sayLost : say.sayOffline, time);
    },
    refused: ({ message }) => REFUSALS[message] || message,
    done: () => say.sayDone,
  };

  let spoken = 0;
  const speak = (text, atOnce = true) => {
    if (!atOnce && Date.now() - spoken < 15_000) return; // whoever listens is not told every second
    spoken = Date.now();
    part("live").textContent = text;
  };

  // --- The queue ------------------------------------------------------------------------------------------------

  const rows = new Map();
  const button = (row, name) => row.querySelector(`[data-${name}]`);
  // Whoever works with the keyboard stays where he is: by the button in place of the one that he pressed.
  const focusIn = (row) => {
    const there = row?.isConnected && row.querySelector("button:not([hidden])");
    (there || part("files")).focus();
  };
  const newRow = (item) => {
    const row = part("row").content.firstElementChild.cloneNode(true);
    button(row, "folder").textContent = item.folder ? `${item.folder}/` : "";
    button(row, "name").textContent = item.name;
    for (const name of ["pause", "resume", "cancel"]) {
      const press = button(row, name);
      press.setAttribute("aria-label", filled(press.dataset.say, { name: item.name }));
      press.title = press.getAttribute("aria-label");
      press.addEventListener("click", () => {
        const next = row.nextElementSibling || row.previousElementSibling;
        queue[name](item);
        focusIn(row.isConnected ? row : next);
      });
    }
    row.querySelector("progress").setAttribute("aria-label", item.name);
    list.append(row);
    rows.set(item, row);
    return row;
  };

  const draw = (item) => {
    const row = rows.get(item) || newRow(item);
    row.dataset.state = item.state;
    row.querySelector("progress").value = share(item.sent, item.size);
    button(row, "told").textContent = TOLD[item.state](item);
    button(row, "pause").hidden = !["waiting", "sending", "lost"].includes(item.state);
    button(row, "resume").hidden = !["paused", "refused"].includes(item.state);
    button(row, "cancel").hidden = item.state === "done";
  };

  const going = () => queue.items.filter(({ state }) => ["waiting", "sending", "lost", "paused"].includes(state));
  const total = () => {
    const sum = { sent: 0, size: 0, rate: 0 };
    for (const item of queue.items) for (const name in sum) sum[name] += item[name];
    const rest = going();
    part("total").hidden = queue.items.length < 2 || !rest.length;
    part("sum").textContent = far(sum);
    place.querySelector("[data-total] progress").value = share(sum.sent, sum.size);
    document.title = rest.length ? `${percent(Math.floor(100 * share(sum.sent, sum.size)) / 100)} ${title}` : title;
    if (rest.length) speak(far(sum), false);
  };

  const changed = (item) => {
    if (item.state === "cancelled") {
      rows.get(item)?.remove();
      rows.delete(item);
      setTimeout(refresh, 500);
    } else draw(item);
    total();
    if (item.state === item.before) return;
    item.before = item.state;
    if (["done", "lost", "refused"].includes(item.state)) speak(`${item.name}: ${TOLD[item.state](item)}`);
    if (item.state === "done") refresh();
  };

  const csrf = () => document.querySelector("input[name=csrf_token]")?.value || "";
  const queue = window.sendbigQueue({ endpoint: say.upload, csrf, changed, straight: "straight" in say });
  setInterval(() => queue.items.filter(({ state }) => state === "lost").forEach(draw), 1000);

  // --- What has arrived, and what earlier visits left -----------------------------------------------------------

  let bringing;
  const refresh = () => {
    clearTimeout(bringing);
    bringing = setTimeout(() => window.sendbigBring(files), 150);
  };
  const there = (row, { path, size }) => row.dataset.path === path && Number(row.dataset.size) === size;
  const arrived = async (item) => {
    await window.sendbigBring(files);
    return [...files.querySelectorAll("[data-arrived]")].some((row) => there(row, item));
  };

  const settle = async () => {
    for (const item of queue.items.filter(({ state }) => state === "done")) {
      const row = rows.get(item);
      const next = row?.contains(document.activeElement) && (row.nextElementSibling || row.previousElementSibling || row);
      row?.remove();
      if (next) focusIn(next);
      rows.delete(item);
      queue.drop(item);
    }
    const left = await queue.left();
    for (const row of files.querySelectorAll("[data-receiving]")) {
      row.hidden = queue.items.some((item) => there(row, item));
      const ours = left.some((one) => there(row, one));
      row.querySelector("[data-ours]").hidden = !ours;
      row.querySelector("[data-elsewhere]").hidden = ours;
    }
    total();
    if (send?.dataset.waits && !going().length && !queue.items.length) send.requestSubmit();
  };
  files.addEventListener("brought", settle);

  // --- What is chosen -------------------------------------------------------------------------------------------

  const take = async (found) => {
    for (const { file, path } of found) {
      const item = await queue.add(file, path);
      if (item) item.arrived = () => arrived(item);
    }
    await settle();
  };
  for (const box of place.querySelectorAll("input[type=file]"))
    box.addEventListener("change", async () => {
      await take([...box.files].map((file) => ({ file, path: file.webkitRelativePath || file.name })));
      box.value = ""; // the same file may be chosen again
    });
  files.addEventListener("click", async ({ target }) => {
    if (target.closest("[data-choose]")) part("files").click();
    if (!target.closest("[data-give-up]")) return;
    const { path, size } = target.closest("[data-receiving]").dataset;
    await queue.giveUp(path, Number(size));
    refresh();
  });

  const within = async (entry) => {
    if (entry.isFile) {
      const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
      return [{ file, path: entry.fullPath.replace(/^\//, "") }];
    }
    const reader = entry.createReader();
    const found = [];
    for (;;) {
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // a hundred at a time
      if (!some.length) return found;
      for (const one of some) found.push(...(await within(one)));
    }
  };

  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  const over = (on) => part("drop").classList.toggle("sendbig-over", on);
  addEventListener("dragover", (event) => carriesFiles(event) && (event.preventDefault(), over(true)));
  addEventListener("dragleave", (event) => event.relatedTarget || over(false));
  addEventListener("drop", async (event) => {
    over(false);
    if (!carriesFiles(event)) return;
    event.preventDefault();
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
    const trouble = (entry) => () => {
      part("trouble").textContent = `${entry.name}: ${say.sayUnreadable}`;
      part("trouble").hidden = false;
    };
    part("trouble").hidden = true;
    for (const entry of entries) await within(entry).then(take, trouble(entry));
  });

  // --- Leaving, sending -----------------------------------------------------------------------------------------

  addEventListener("beforeunload", (event) => going().length && event.preventDefault());
  send?.addEventListener("submit", (event) => {
    const unfinished = files.querySelector("[data-receiving]:not([hidden])");
    if (!going().length && !unfinished) return;
    event.preventDefault();
    if (going().length) send.dataset.waits = "yes";
    const told = unfinished ? filled(say.sayUnfinished, { name: unfinished.dataset.path }) : say.sayLater;
    speak((send.querySelector("[data-send-told]").textContent = told));
  });
  part("pause-all").addEventListener("click", () => going().filter(({ state }) => state !== "paused").forEach(queue.pause));
  part("resume-all").addEventListener("click", () => going().filter(({ state }) => state === "paused").forEach(queue.resume));

  place.hidden = false;
  settle();
})();
