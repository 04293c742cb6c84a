// Actions that wait on this device for a connection. Nothing is kept but what was typed or scanned.
//
//   <form data-queue="move" data-queue-to="/api/v1/..." method="post" action="..."> (templates/parts/queue.html writes it)
//
// With a connection the form is sent as it is. Without one it is kept as {key, code, what, said, to, version, values,
// at, user} and sent to data-queue-to as JSON once there is one, by the user who pressed the button and by nobody else.
// There it is an ordinary call: the server checks everything anew. What it refuses stays here until a person has read why.
//
//   data-queue-keep          there is no page behind the form: it is always kept first
//   data-queue-code          the code that the action is about; if it is not given, the field `code` or `text`
//   data-queue-key="key"     in which field the server wants the key that keeps an action from being done twice; it is
//   data-queue-time="at"     sent as Idempotency-Key in any case; and in which the time on this device
//
//   data-queue-fields="a b"  if the form has more fields than the call
//   data-say-photo           a file cannot be kept: what is asked before the rest is
//
// A field `version` becomes If-Match; `csrf_token`, files and empty fields are not sent; boxes are true or false. Forms that
// say a version rest while what they say waits, and their page is loaded anew when it was sent or refused.
//
//   <section data-queue-list hidden data-say-...> shows what waits: [role=status], <ul> and a <template> of one line.
(() => {
  if (window.assetcareQueue || !window.indexedDB) return;

  const LASTING = [400, 403, 404, 409, 410, 412, 413, 415, 422, 428]; // refusals that another try does not mend
  const PATIENCE = 20_000; // milliseconds
  const answered = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });

  // --- What is kept ---------------------------------------------------------------------------------------------

  let opened;
  const open = () => {
    const request = indexedDB.open("assetcare", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("queue", { keyPath: "key" });
    return answered(request);
  };
  const store = async (mode) => {
    opened ??= open();
    return (await opened).transaction("queue", mode).objectStore("queue");
  };
  const all = async () => {
    const found = await answered((await store("readonly")).getAll());
    return found.sort((one, other) => one.at.localeCompare(other.at));
  };
  const put = async (item) => answered((await store("readwrite")).put(item));
  const remove = async (key) => answered((await store("readwrite")).delete(key));

  const newKey = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

  const user = () => {
    if (document.body.dataset.user !== undefined) return document.body.dataset.user;
    try {
      return localStorage.getItem("user") || ""; // who was here last, on a page that is kept for times without server
    } catch {
      return "";
    }
  };

  const fieldsOf = (form) => {
    const only = form.dataset.queueFields?.split(" ");
    const types = Object.fromEntries([...form.elements].map(({ name, type }) => [name, type]));
    const values = {};
    for (const [name, value] of new FormData(form)) {
      if (name === "csrf_token" || typeof value !== "string") continue;
      if (only && name !== "version" && !only.includes(name)) continue;
      if (value.trim()) values[name] = { checkbox: true, number: Number(value) }[types[name]] ?? value.trim();
      else if (types[name] === "checkbox") values[name] = false; // the hidden field before a box that is not ticked
    }
    return values;
  };

  // What somebody typed or chose, as he read it.
  const readOf = (form) =>
    [...form.elements]
      .filter(({ type, value }) => value && /^(text|search|number|date|textarea|select-one)/.test(type))
      .map((box) => (box.selectedOptions ? box.selectedOptions[0].text : box.value.trim()));

  const itemOf = (form, button) => {
    const { version = "", ...values } = fieldsOf(form);
    const { queue, queueTo, queueCode, queueKey, queueTime } = form.dataset;
    const item = { key: newKey(), at: new Date().toISOString(), user: user(), what: queue, to: queueTo, version };
    if (queueKey) values[queueKey] = item.key;
    if (queueTime) values[queueTime] = item.at;
    item.code = queueCode || values.code || values.text || "";
    item.said = form.dataset.queueSaid || button?.textContent.trim() || queue;
    return { ...item, values, read: readOf(form) };
  };

  // --- Sending --------------------------------------------------------------------------------------------------

  const csrf = () => document.querySelector("input[name=csrf_token]")?.value;
  const within = (address) => new URL(address, location.href).origin === location.origin;

  const call = (item) => {
    const json = "application/json";
    const headers = { "Content-Type": json, Accept: json, "X-CSRF-Token": csrf(), "Idempotency-Key": item.key };
    if (item.version) headers["If-Match"] = `"${item.version}"`;
    const body = JSON.stringify(item.values);
    return fetch(item.to, { method: "POST", headers, body, redirect: "error", signal: AbortSignal.timeout(PATIENCE) });
  };

  const sentences = (said) => [said.message, ...Object.values(said.errors || {}).flat()].filter(Boolean).join(" ");

  // "sent", "refused", "failed" (on the server's side), or "later": then nothing more is tried now.
  const sendOne = async (item) => {
    const answer = within(item.to) ? await call(item).catch(() => null) : { status: 400, json: async () => ({}) };
    if (!answer) return "later";
    if (answer.ok) {
      await remove(item.key);
      return "sent";
    }
    const said = await answer.json().catch(() => ({}));
    if (!LASTING.includes(answer.status) || said.code === "csrf" || said.code === "confirm_identity")
      return answer.status >= 500 ? "failed" : "later";
    await put({ ...item, refused: { status: answer.status, message: sentences(said) } });
    return "refused";
  };

  const work = async () => {
    const counts = { sent: 0, refused: 0 };
    for (const item of await all()) {
      if (item.refused || item.user !== user()) continue;
      const ended = await sendOne(item);
      if (ended === "later") break;
      if (ended !== "failed") counts[ended] += 1;
    }
    return counts;
  };

  // One page at a time; where the browser cannot tell, the key keeps an action from being done twice.
  const send = async () => {
    if (!csrf()) return;
    await show(await (navigator.locks ? navigator.locks.request("assetcare-queue", work) : work()));
  };

  // --- Pages that show what was so before ------------------------------------------------------------------------

  const versioned = () => [...document.querySelectorAll("form[data-queue]")].filter((form) => form.elements.version);
  const FIELDS = "main textarea, main input:not([type=hidden], [type=checkbox], [type=radio])";
  const typed = () => [...document.querySelectorAll(FIELDS)].some((box) => box.value !== box.defaultValue);

  // What the page says after it was loaded anew; where nothing can be kept it shows it all the same.
  const told = (counts) => {
    try {
      const before = sessionStorage.getItem("queue-told");
      sessionStorage.setItem("queue-told", JSON.stringify(counts));
      return JSON.parse(before) || {};
    } catch {
      return {};
    }
  };

  // Answers whether one has rested that waits no more.
  const rest = (items) => {
    const waits = (form) => items.some((item) => item.to === form.dataset.queueTo && !item.refused);
    const over = versioned().some((form) => form.hasAttribute("data-queue-rests") && !waits(form));
    for (const form of versioned()) {
      form.toggleAttribute("data-queue-rests", waits(form));
      for (const button of form.querySelectorAll("button")) button.disabled = waits(form);
    }
    return over;
  };

  // --- What one sees --------------------------------------------------------------------------------------------

  const list = () => document.querySelector("[data-queue-list]");
  const filled = (text, values) => text.replace(/%\((\w+)\)s/g, (whole, name) => values[name] ?? whole);

  const stateOf = (item, say) => {
    if (item.refused?.status === 412) return say.sayStale;
    if (item.refused) return item.refused.message || say.sayRefused;
    return item.user === user() ? say.sayWaiting : say.sayOther;
  };

  const line = (place, item) => {
    const made = place.querySelector("template").content.cloneNode(true);
    const part = (name) => made.querySelector(`[data-${name}]`);
    const { lang } = document.documentElement;
    const form = { dateStyle: "medium", timeStyle: "short" };
    const moment = new Date(item.at).toLocaleString(lang === "en" ? "en-GB" : lang, form);
    part("said").textContent = item.said;
    part("what").textContent = [...new Set([item.code, ...item.read])].filter(Boolean).join(" · ");
    part("when").textContent = moment;
    part("state").textContent = stateOf(item, place.dataset);
    part("state").classList.toggle("field-error", Boolean(item.refused));
    const look = part("look");
    look.hidden = !item.refused || !item.code;
    look.href += `?q=${encodeURIComponent(item.code)}`;
    const again = part("again");
    again.hidden = !item.refused || item.refused.status === 412; // that version never comes back
    again.addEventListener("click", async () => {
      await put({ ...item, refused: undefined });
      await show();
      await send();
    });
    part("drop").addEventListener("click", async () => {
      if (!confirm(place.dataset.sayDrop)) return;
      await remove(item.key);
      await show();
    });
    return made;
  };

  const show = async (counts) => {
    const place = list();
    const items = await all();
    const over = rest(items);
    if (counts && over && !typed()) {
      told(counts);
      return location.reload();
    }
    const { sent, refused } = counts || {};
    if (sent) for (const past of document.querySelectorAll("[data-queue-told]")) past.remove();
    if (!place) return;
    const say = place.dataset;
    place.querySelector("ul").replaceChildren(...items.map((item) => line(place, item)));
    const said = [];
    if (sent) said.push(filled(say.saySent, { count: sent }));
    if (refused) said.push(filled(say.sayCount, { count: refused }));
    const status = place.querySelector("[role=status]");
    if (said.length) status.textContent = said.join(" ");
    place.hidden = !items.length && !status.textContent;
  };

  // --- Forms ----------------------------------------------------------------------------------------------------

  const reachable = async (form) => {
    if (!navigator.onLine) return false;
    const asked = await fetch(form.getAttribute("action"), { method: "OPTIONS", signal: AbortSignal.timeout(5000) }).catch(() => null);
    return Boolean(asked) && asked.status < 500;
  };

  const tell = (form, text) => {
    const around = form.closest(".presses") || form;
    let place = around.querySelector("[data-queue-told]");
    if (!place) {
      place = Object.assign(document.createElement("p"), { className: "alert alert-warning", role: "status" });
      place.dataset.queueTold = "";
      around.append(place);
    }
    place.textContent = text;
  };

  const keep = async (form, button) => {
    if (!user()) return tell(form, form.dataset.sayNobody);
    const photo = [...form.elements].some(({ files }) => files?.length);
    if (photo && !confirm(form.dataset.sayPhoto)) return;
    navigator.storage?.persist?.().catch(() => {}); // else a browser short of room may throw it away
    try {
      await put(itemOf(form, button));
    } catch {
      return tell(form, form.dataset.sayFull); // a private window, or no room
    }
    form.reset();
    tell(form, form.dataset.sayKept);
    await show();
    await send();
  };

  // As if we had never stood in the way: without the event, which would ask a second time what was asked already.
  const pass = (form, button) => {
    if (button?.name) {
      const pressed = Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value });
      form.append(pressed);
    }
    HTMLFormElement.prototype.submit.call(form);
  };

  // Gloves press twice.
  const held = (form, on) => (on ? form.setAttribute("aria-busy", "true") : form.removeAttribute("aria-busy"));

  addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset.queue || event.defaultPrevented) return;
    event.preventDefault();
    if (form.hasAttribute("aria-busy")) return;
    held(form, true);
    const button = event.submitter;
    if (form.dataset.queueKeep === undefined && (await reachable(form))) {
      pass(form, button);
      setTimeout(held, PATIENCE, form, false);
    } else {
      await keep(form, button);
      held(form, false);
    }
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-queue]").forEach((form) => held(form, false)));

  addEventListener("online", send);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());
  setInterval(() => document.visibilityState === "visible" && send(), 30_000);
  window.assetcareQueue = { all, put, remove, send };
  show(told({})).then(send, () => {});
})();
