// The camera of the scanner's page: started, stopped, chosen and lit by its buttons; who refuses it is told how to lend it.
//
//   const { start, stop, on, remembered } = window.assetcareCamera(place, tell, opened);
//
// `place` is the section of templates/labels/_scanner.html, `tell(text, tone)` says something there, and `opened()` is
// called once the video shows a picture. remembered(name, value) keeps a choice on this device, or answers it.
window.assetcareCamera = (place, tell, opened) => {
  const say = place.dataset;
  const part = (name) => place.querySelector(`[data-${name}]`);
  const video = part("video");

  const remembered = (name, value) => {
    try {
      if (value !== undefined) localStorage.setItem(`scan-${name}`, value);
      return localStorage.getItem(`scan-${name}`) || "";
    } catch {
      return "";
    }
  };

  const REASONS = {
    NotAllowedError: "sayRefused", SecurityError: "sayRefused", NotFoundError: "sayNone", OverconstrainedError: "sayNone",
    NotReadableError: "sayBusy", AbortError: "sayBusy",
  };

  const shown = (on) => {
    part("view").hidden = !on;
    part("start").hidden = on;
    part("stop").hidden = !on;
    if (!on) for (const name of ["torch", "cameras"]) part(name).hidden = true;
  };

  let stream;
  function stop() {
    for (const track of stream?.getTracks() || []) track.stop();
    stream = undefined;
    video.srcObject = null;
    shown(false);
  }

  const wanted = (id) => ({
    audio: false,
    video: { ...(id ? { deviceId: { exact: id } } : { facingMode: { ideal: "environment" } }), width: { ideal: 1280 }, height: { ideal: 720 } },
  });

  const offer = async () => {
    const [track] = stream.getVideoTracks();
    part("torch").hidden = !track.getCapabilities?.().torch;
    part("torch").setAttribute("aria-pressed", "false");
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
    const used = track.getSettings().deviceId;
    part("camera").replaceChildren(
      ...cameras.map(({ deviceId, label }, index) => new Option(label || `${index + 1}`, deviceId, false, deviceId === used)),
    );
    part("cameras").hidden = cameras.length < 2;
    track.addEventListener("ended", () => stream && (stop(), tell(say.sayBusy, "warn")));
  };

  let tries = 0;
  const start = async (id = remembered("camera")) => {
    stop();
    const mine = (tries += 1);
    if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) return tell(say.sayInsecure, "warn");
    tell(say.sayStarting);
    try {
      const lent = await navigator.mediaDevices.getUserMedia(wanted(id));
      if (mine !== tries) return lent.getTracks().forEach((track) => track.stop());
      stream = lent;
      video.srcObject = stream;
      shown(true);
      await Promise.all([video.play(), offer()]);
      tell(say.sayReady);
      opened();
    } catch (problem) {
      if (mine !== tries) return;
      if (id && problem.name === "OverconstrainedError") return start(remembered("camera", "")); // that one was unplugged
      stop();
      tell(say[REASONS[problem.name] || "sayBusy"], "warn");
    }
  };

  part("start").addEventListener("click", () => (remembered("off", "no"), start()));
  part("stop").addEventListener("click", () => (remembered("off", "yes"), stop(), tell("")));
  part("camera").addEventListener("change", ({ target }) => start(remembered("camera", target.value)));
  part("torch").addEventListener("click", async ({ currentTarget: button }) => {
    const torch = button.getAttribute("aria-pressed") !== "true";
    const [track] = stream.getVideoTracks();
    await track.applyConstraints({ advanced: [{ torch }] }).then(() => button.setAttribute("aria-pressed", String(torch)), () => {});
  });

  // Nobody looks: the camera is free for others, and comes back with the page.
  let paused = false;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      paused = Boolean(stream);
      stop();
    } else if (paused) start();
  });

  return { start, stop, on: () => Boolean(stream), remembered };
};
