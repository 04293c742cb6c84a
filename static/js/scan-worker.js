// Keeps the page of the scanner for times without a connection: the page, its style and scripts, and the reader. Nothing
// of anybody's is kept: the page is drawn as for a stranger. registry/labels/device_pages.py writes before this what
// there is to keep: self.KEPT = {version, scan, page, files}.
(() => {
  const { version, scan, page, files } = self.KEPT;
  const PREFIX = "assetcare-scan-";
  const kept = () => caches.open(PREFIX + version);
  const found = async (address) => (await kept()).match(address, { ignoreVary: true });

  const keep = async () => {
    const cache = await kept();
    await cache.addAll([page, ...files].map((address) => new Request(address, { credentials: "omit" })));
    await self.skipWaiting();
  };

  const forget = async () => {
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith(PREFIX) && name !== PREFIX + version);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };

  // A proxy that finds no server behind it answers itself.
  const opened = async (request) => {
    const answer = await fetch(request).catch(() => null);
    if (answer && ![502, 503, 504].includes(answer.status)) return answer;
    return (await found(page)) || answer || Response.error();
  };

  self.addEventListener("install", (event) => event.waitUntil(keep()));
  self.addEventListener("activate", (event) => event.waitUntil(forget()));
  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const { origin, pathname, search } = new URL(request.url);
    if (request.method !== "GET" || origin !== location.origin) return;
    if (request.mode === "navigate" && pathname === scan) {
      event.respondWith(opened(request));
    } else if (files.includes(pathname + search)) {
      event.respondWith(found(pathname + search).then((response) => response || fetch(request)));
    }
  });
})();
