// Reads codes: with the camera, from a photo, from a hand scanner that types, or by hand. What was read is looked up on the
// server, and leads to the page of the unit; nothing that was read is ever opened. Without this script the field works.
// The camera itself is camera.js, which is loaded before.
(() => {
  const place = document.querySelector("[data-scanner]");
  if (!place) return;
  const say = place.dataset;
  const part = (name) => place.querySelector(`[data-${name}]`);
  const video = part("video");
  const field = document.getElementById("q");
  const forms = document.querySelector("[data-offline]");

  const FORMATS = ["qr_code", "data_matrix", "code_128", "code_39", "ean_13", "ean_8", "upc_a"];
  const MATRIX = ["qr_code", "data_matrix"]; // they correct themselves; a bar code is believed when it was read twice
  const OURS = /^https?:\/\/[^/\s?#]+\/L\/[0-9A-Z -]{13,40}\/?$|^[2-9A-HJKMNP-TV-Z]{4}-?[2-9A-HJKMNP-TV-Z]{4}-?[2-9A-HJKMNP-TV-Z]{5}$/i;
  const PRIVATE = /^(WIFI|otpauth(-migration)?|BEGIN|MECARD|mailto|MATMSG|tel|sms(to)?|geo|data|javascript|intent):/i;
  const MARKS = /[\x04\x1c-\x1f]/g; // what parts the fields in codes of makers (GS1, ISO 15434); registry/labels/barcodes.py
  const PAUSE = 80; // milliseconds between two looks
  const RETRY = 4000; // between two tries to reach the server
  const AGAIN = 3000; // for so long the same code is not read a second time

  // --- What one is told -----------------------------------------------------------------------------------------

  // `shown`: what a code says, as text and nothing else.
  const tell = (text, tone = "", shown = "") => {
    part("told").textContent = text;
    part("told").dataset.tone = tone;
    part("shown").textContent = shown.replace(MARKS, " ");
    part("shown").hidden = !shown;
    part("several").replaceChildren();
  };

  const button = (text, press) => {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: text });
    made.addEventListener("click", press);
    return made;
  };

  let sound;
  const beep = async (since = Date.now()) => {
    sound ??= new AudioContext();
    await sound.resume(); // waits until somebody touches the page, and a late sound says nothing
    if (Date.now() - since > 500) return;
    const tone = sound.createOscillator();
    tone.frequency.value = 880;
    tone.connect(sound.destination);
    tone.start();
    tone.stop(sound.currentTime + 0.08);
  };

  const signal = () => {
    if (!part("signal").checked) return;
    navigator.vibrate?.(60);
    beep().catch(() => {});
  };

  // --- What a code means ----------------------------------------------------------------------------------------

  const foreign = (text) => tell(say.sayForeign, "warn", text);

  const about = (address, text) => `${address}?${new URLSearchParams({ q: text })}`;
  const ask = (text) =>
    fetch(about(say.resolve, text), { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(10_000) });

  const explain = (text, said) => {
    if (said.assets.length || ["free", "unit"].includes(said.state)) {
      camera.stop();
      return location.assign(about(say.scan, text));
    }
    if (said.state === "revoked") return tell(say.sayRevoked, "warn");
    if (text.includes("://") && !OURS.test(text)) foreign(text);
    else tell(say.sayUnknown, "warn", text);
    offerLink(part("several"), text);
  };

  let busy = false;
  const found = async (raw) => {
    const text = raw.trim();
    if (busy || !text) return;
    busy = true;
    signal();
    try {
      // What people keep in codes of their own (a wireless network, a second factor) is not the server's business.
      if (PRIVATE.test(text) || text.length > 400 || /\p{Cc}/u.test(text.replace(MARKS, ""))) return foreign(text);
      tell(say.sayLooking, "", text);
      const answer = await ask(text).catch(() => null);
      if (!answer) return alone(text);
      if (answer.status === 401) return tell(say.saySignedOut, "warn");
      const said = await answer.json().catch(() => ({}));
      return answer.ok ? explain(text, said) : tell(said.message || say.sayBroken, "warn");
    } finally {
      busy = false;
    }
  };

  // Without a connection: into a field of a form that keeps it. Ours is a label, anything else stands on the unit.
  const alone = (text) => {
    forms.hidden = false;
    tell(say.sayAlone, "warn", text);
    const names = OURS.test(text) ? ["label-code"] : ["label-asset", "barcode-text", "barcode-asset"];
    const boxes = names.map((name) => document.getElementById(name));
    const waits = (box) => !box.value && (box.id !== "label-asset" || document.getElementById("label-code").value);
    const box = boxes.find(waits) || boxes.at(-1);
    fill(box, OURS.test(text) ? text.replace(/\/$/, "").split("/").at(-1) : text);
  };

  const fill = (box, text) => {
    box.value = text;
    box.closest("details").open = true;
  };

  // The form for times without a connection links a barcode with one as well.
  const offerLink = (beside, text) => {
    if (!say.sayLink || !text || OURS.test(text)) return;
    beside.append(button(say.sayLink, () => {
      forms.hidden = false;
      fill(document.getElementById("barcode-text"), text);
      document.getElementById("barcode-asset").focus();
    }));
  };

  // --- Reading --------------------------------------------------------------------------------------------------

  let reader;
  const read = (picture) => {
    if (!reader) {
      const { BarcodeDetector, prepareZXingModule } = window.BarcodeDetectionAPI;
      const locateFile = (file, folder) => (file.endsWith(".wasm") ? say.program : folder + file);
      prepareZXingModule({ overrides: { locateFile } });
      reader = new BarcodeDetector({ formats: FORMATS });
    }
    return reader.detect(picture);
  };

  let lone = "";
  let last = { text: "", at: 0 };
  const consider = (codes) => {
    const far = ({ boundingBox: box }) =>
      Math.hypot(box.x + box.width / 2 - video.videoWidth / 2, box.y + box.height / 2 - video.videoHeight / 2);
    const [code] = codes.sort((one, other) => OURS.test(other.rawValue) - OURS.test(one.rawValue) || far(one) - far(other));
    const text = code.rawValue;
    const before = lone;
    lone = text;
    if (!MATRIX.includes(code.format) && before !== text) return;
    const now = Date.now();
    const known = text === last.text && now - last.at < AGAIN;
    last = { text, at: now };
    if (!known) found(text);
  };

  const camera = window.assetcareCamera(place, tell, () => look());
  const { remembered } = camera;

  const look = async () => {
    if (!camera.on()) return;
    try {
      const codes = !busy && video.readyState >= 2 ? await read(video) : [];
      if (codes.length && camera.on()) consider(codes);
    } catch {
      camera.stop();
      return tell(say.sayBroken, "warn");
    }
    setTimeout(look, PAUSE);
  };

  part("photo").addEventListener("change", async ({ target }) => {
    const [file] = target.files;
    target.value = "";
    if (!file) return;
    tell(say.sayLooking);
    const picture = await createImageBitmap(file).catch(() => null);
    if (!picture) return tell(say.sayNoPhoto, "warn");
    const codes = await read(picture).catch(() => null);
    if (!codes) return tell(say.sayBroken, "warn");
    const texts = [...new Set(codes.map((code) => code.rawValue))];
    const ours = texts.filter((text) => OURS.test(text));
    const [only, ...more] = ours.length ? ours : texts;
    if (!only) tell(say.sayNothing, "warn");
    else if (more.length) choose([only, ...more]);
    else found(only);
  });

  const choose = (texts) => {
    tell(say.saySeveral);
    part("several").replaceChildren(...texts.map((text) => button(text, () => found(text))));
  };

  part("signal").checked = remembered("signal") === "yes";
  part("signal").addEventListener("change", ({ target }) => remembered("signal", target.checked ? "yes" : "no"));

  // --- Typing, and hand scanners, which type wherever one is ------------------------------------------------------

  addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (key.length !== 1 || key === " " || key === "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.closest("input, textarea, select, [contenteditable], dialog")) return;
    field.value = "";
    field.focus(); // and the letter goes there
  });
  field.form.addEventListener("submit", (event) => {
    if (navigator.onLine && !("shell" in say)) return;
    event.preventDefault();
    found(field.value);
    field.select();
  });

  // --- Without a connection ----------------------------------------------------------------------------------------

  if (say.worker && navigator.serviceWorker) navigator.serviceWorker.register(say.worker, { scope: say.scan }).catch(() => {});
  addEventListener("offline", () => (forms.hidden = false));
  if ("shell" in say) {
    const typed = () => [...forms.querySelectorAll("input[type=text]")].some((box) => box.value);
    const back = () => typed() || location.replace(say.scan);
    addEventListener("online", back);
    // The browser has a network before the server can be reached through it, and says nothing when it can be.
    setInterval(async () => {
      if (!navigator.onLine || document.hidden || typed()) return;
      const answer = await fetch(say.scan, { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(RETRY) }).catch(() => null);
      if (answer && ![502, 503, 504].includes(answer.status)) back();
    }, RETRY);
    const text = new URLSearchParams(location.search).get("q");
    if (text) found(text);
  }
  forms.hidden = !("shell" in say) && navigator.onLine;
  place.hidden = false;
  if (field.ariaInvalid) offerLink(field.form.querySelector(".form-buttons"), field.value); // it was typed, and is unknown
  // Who comes back from a unit would be led there again: its label is still before the camera.
  const [way] = performance.getEntriesByType("navigation");
  if (remembered("off") === "yes" || way?.type === "back_forward" || !navigator.permissions) return;
  navigator.permissions.query({ name: "camera" }).then(({ state }) => state === "granted" && camera.start(), () => {});
})();
