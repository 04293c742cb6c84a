// Passkeys: asks the server what to ask the browser, hands over what the browser answers. Without this script, or in a
// browser without passkeys, its buttons stay hidden and passwords work as ever.
//
// <div data-passkey="use|add" data-options="..." data-answer="..." data-csrf="..." data-next="..." data-say-...="...">
//   <button type="button" hidden>, <input name="name"> for "add", and [role=alert] for what went wrong.
(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const forBrowser = (options) => ({
    ...options,
    challenge: bytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: bytes(options.user.id) } }),
    ...(options.excludeCredentials && { excludeCredentials: named(options.excludeCredentials) }),
    ...(options.allowCredentials && { allowCredentials: named(options.allowCredentials) }),
  });

  const forServer = (made) => {
    const { response } = made;
    const told = { clientDataJSON: text(response.clientDataJSON) };
    if (response.attestationObject) {
      told.attestationObject = text(response.attestationObject);
      told.transports = response.getTransports ? response.getTransports() : [];
    } else {
      told.authenticatorData = text(response.authenticatorData);
      told.signature = text(response.signature);
      told.userHandle = response.userHandle ? text(response.userHandle) : null;
    }
    return { id: made.id, rawId: text(made.rawId), type: made.type, response: told };
  };

  class Refused extends Error {}

  const send = async (place, address, body) => {
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    if (place.dataset.csrf) headers["X-CSRF-Token"] = place.dataset.csrf;
    const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(body) });
    if (answer.redirected) location.assign(answer.url); // it is too long ago that the user proved who he is
    const found = await answer.json().catch(() => ({}));
    if (answer.ok && !answer.redirected) return found;
    throw new Refused(found.message || place.dataset.sayFailed);
  };

  const run = async (place) => {
    const adding = place.dataset.passkey === "add";
    const options = { publicKey: forBrowser(await send(place, place.dataset.options, {})) };
    const made = await (adding ? navigator.credentials.create(options) : navigator.credentials.get(options));
    const name = place.querySelector("input[name=name]");
    const body = { credential: forServer(made), next: place.dataset.next || "", ...(name && { name: name.value }) };
    const done = await send(place, place.dataset.answer, body);
    if (done.next === location.pathname + location.search) location.reload();
    else location.assign(done.next);
  };

  const sentence = (problem, say) => {
    if (problem instanceof Refused) return problem.message;
    if (problem.name === "InvalidStateError") return say.sayKnown;
    if (problem.name === "NotAllowedError") return say.sayNothing;
    return say.sayCannot;
  };

  for (const place of document.querySelectorAll("[data-passkey]")) {
    const button = place.querySelector("button");
    const alert = place.querySelector("[role=alert]");
    place.hidden = false;
    button.addEventListener("click", async () => {
      button.disabled = true;
      alert.hidden = true;
      try {
        await run(place);
      } catch (problem) {
        alert.textContent = sentence(problem, place.dataset);
        alert.hidden = false;
      } finally {
        button.disabled = false;
      }
    });
  }
})();
