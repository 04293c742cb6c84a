// Files on their way to the server: a few at once, by the tus protocol, through lost connections and closed browsers.
//
//   const queue = sendbigQueue({ endpoint, csrf, changed, straight });   `straight`: to the store (direct.js)
//   queue.add(file, "folder/name")     goes on where the same file was left, be it in an earlier visit
//   queue.items                        {name, folder, size, sent, rate, state, message, again}
//   queue.pause(item), queue.resume(item), queue.cancel(item)
//   queue.left()                       what earlier visits with this browser left: [{path, size, modified}]
//   queue.giveUp(path, size)           that it is not wanted any more
//
// `changed(item)` is called whenever an item is not what it was. States: waiting, sending, paused, lost (there is no
// connection, or the server has trouble, and `message` may say which; tried anew at `again`, in milliseconds since 1970,
// and as soon as there is a connection), refused (the server said no; `message` says why), done.
//
// Where an upload stands is asked of the server each time, never remembered here. The browser keeps its address only.
window.sendbigQueue = ({ endpoint, csrf = () => "", changed, straight = false, atOnce = 2 }) => {
  const LONGEST = 30_000; // milliseconds between two tries
  const WINDOW = 6_000; // milliseconds over which the rate is taken
  const PASSING = [408, 409, 423, 425, 429, 460]; // answers that another try may mend
  const address = new URL(endpoint, location.href).href;
  const storage = tus.defaultOptions.urlStorage;
  const items = [];

  const busy = ({ state }) => state === "sending" || state === "lost";
  const put = (item, state, message = "") => {
    Object.assign(item, { state, message });
    changed(item);
  };

  // --- The files of earlier visits ------------------------------------------------------------------------------

  const mark = (path, size, modified) => [address, path, size, modified].join("|");
  const ofItem = ({ path, file }) => mark(path, file.size, file.lastModified);

  const left = async () => {
    const found = (await storage.findAllUploads()).filter(({ urlStorageKey: key }) => key.startsWith(`tus::${address}|`));
    return found.map(({ urlStorageKey: key, uploadUrl: url, size, metadata }) => ({
      key,
      url,
      size,
      path: metadata.relativePath || metadata.filename,
      modified: Number(key.slice(0, key.lastIndexOf("::")).split("|").at(-1)),
    }));
  };

  // Somebody who chooses a file once more does not always come by the folder that it lies in.
  const pathOf = async (file, path) => {
    const known = await left();
    if (path.includes("/") || known.some((one) => one.path === path)) return path;
    const same = known.filter(
      (one) => one.path.endsWith(`/${path}`) && one.size === file.size && one.modified === file.lastModified,
    );
    return same.length === 1 ? same[0].path : path;
  };

  // --- One upload -----------------------------------------------------------------------------------------------

  const measure = (item, sent) => {
    const now = performance.now();
    item.samples = [...item.samples.filter(([at]) => now - at < WINDOW), [now, sent]];
    const [began, from] = item.samples[0];
    if (now - began > 500) item.rate = Math.max(0, ((sent - from) * 1000) / (now - began));
    if (sent > item.best + 2 ** 20) Object.assign(item, { best: sent, tries: 0 });
    item.sent = sent;
    changed(item);
  };

  const lost = (item, message) => {
    const pause = Math.min(LONGEST, 1000 * 2 ** item.tries);
    Object.assign(item, { tries: item.tries + 1, again: Date.now() + pause, samples: [], rate: 0 });
    item.timer = setTimeout(() => start(item), pause);
    put(item, "lost", message);
  };

  const said = (answer) => {
    try {
      const { code, message } = JSON.parse(answer.getBody());
      return answer.getStatus() === 401 || code === "csrf" ? "signed out" : message || "";
    } catch {
      return "";
    }
  };

  // The server knows no such upload (any more): whoever shows the page finds out whether the file has arrived.
  const gone = async (item) => {
    item.upload = undefined;
    if (await item.arrived?.()) return finish(item);
    Object.assign(item, { sent: 0, best: 0 });
    put(item, "waiting");
    pump();
  };

  const refused = (item, error) => {
    const answer = error.originalResponse;
    const status = answer?.getStatus() || 0;
    const creating = error.originalRequest?.getMethod() === "POST";
    if (!error.originalRequest) put(item, "refused", "unreadable"); // the file was changed or moved meanwhile
    else if (!status || status >= 500 || PASSING.includes(status)) lost(item, answer && said(answer));
    else if ((status === 404 || status === 410) && !creating) gone(item);
    else put(item, "refused", said(answer));
    pump();
  };

  const finish = (item) => {
    Object.assign(item, { sent: item.size, rate: 0 });
    put(item, "done");
    pump();
  };

  const made = (item) => {
    const upload = new tus.Upload(item.file, {
      endpoint: address,
      metadata: {
        filename: item.name,
        ...(item.folder && { relativePath: item.path }),
        ...(item.file.type && { filetype: item.file.type }),
      },
      fingerprint: async () => ofItem(item),
      removeFingerprintOnSuccess: true,
      ...(straight && { httpStack: window.sendbigDirect(item.file) }),
      retryDelays: null, // we try anew ourselves, and without end
      onBeforeRequest: (request) => request.getMethod() === "POST" && request.setHeader("X-CSRF-Token", csrf()),
      onUploadUrlAvailable: () => (upload.options.endpoint = null), // never begun anew behind our back
      onProgress: (sent) => measure(item, sent),
      onSuccess: () => finish(item),
      onError: (error) => refused(item, error),
    });
    return upload;
  };

  const start = async (item) => {
    clearTimeout(item.timer);
    put(item, "sending");
    if (!item.upload) {
      item.upload = made(item);
      const [before] = await item.upload.findPreviousUploads();
      if (before) item.upload.resumeFromPreviousUpload(before);
      if (before) item.upload.options.endpoint = null;
      if (item.state !== "sending") return; // paused or cancelled meanwhile
    }
    item.upload.start();
  };

  const pump = () => {
    for (const item of items) {
      if (items.filter(busy).length >= atOnce) return;
      if (item.state === "waiting") start(item);
    }
  };

  // --- What people do -------------------------------------------------------------------------------------------

  const add = async (file, path, arrived) => {
    path = await pathOf(file, path.normalize()); // as the server writes it
    const cut = path.lastIndexOf("/");
    const item = {
      file, path, arrived, folder: path.slice(0, Math.max(cut, 0)), name: path.slice(cut + 1), size: file.size,
      sent: 0, rate: 0, best: 0, tries: 0, samples: [], message: "", state: "waiting",
    };
    const mine = ofItem(item);
    if (items.some((one) => ofItem(one) === mine && one.state !== "done")) return null;
    items.push(item);
    changed(item);
    pump();
    return item;
  };

  const pause = (item) => {
    clearTimeout(item.timer);
    item.upload?.abort();
    Object.assign(item, { samples: [], rate: 0 });
    put(item, "paused");
    pump();
  };

  const resume = (item) => {
    item.tries = 0;
    put(item, "waiting");
    pump();
  };

  const drop = (item) => {
    const place = items.indexOf(item);
    if (place >= 0) items.splice(place, 1);
    pump();
  };

  const cancel = async (item) => {
    clearTimeout(item.timer);
    put(item, "cancelled");
    drop(item);
    await item.upload?.abort(Boolean(item.upload.url)).catch(() => {}); // what is not ended now expires by itself
  };

  // What an earlier visit left is not wanted any more.
  const giveUp = async (path, size) => {
    for (const one of (await left()).filter((each) => each.path === path && each.size === size)) {
      await tus.Upload.terminate(one.url, { ...tus.defaultOptions, retryDelays: null }).catch(() => {}); // gone already
      await storage.removeUpload(one.key);
    }
  };

  addEventListener("online", () => items.filter(({ state }) => state === "lost").forEach(start));

  return { items, add, pause, resume, cancel, drop, left, giveUp, busy };
};
