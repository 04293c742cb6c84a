// Files straight to the S3 store, part by part, each at an address that the server signs when its turn has come.
//
//   new tus.Upload(file, { httpStack: sendbigDirect(file), ... })
//
// It is the way by which tus.Upload sends its requests. All go as usual but PATCH: that becomes one part, put at the
// store. The server is asked at the end, and whenever an upload is gone on with, what the store has. It may answer that
// this upload takes no parts, and a browser may not get through to the store: then PATCH goes to the server, as usual.
window.sendbigDirect = (file) => {
  const PATIENCE = 2; // parts that failed one after the other, until it goes by the server
  const usual = tus.defaultOptions.httpStack;
  let partSize = 0; // bytes; 0: no parts
  let failed = 0;

  const heard = (answer) => {
    partSize = Number(answer.getHeader("Upload-Part-Size")) || 0; // none in an error, after which it asks again
    return answer;
  };

  // POST and HEAD say that parts are welcome, and hear of what size.
  const asking = (method, url) => {
    const request = usual.createRequest(method, url);
    const send = request.send.bind(request);
    request.setHeader("Upload-Direct", "1");
    request.send = async (body) => heard(await send(body));
    return request;
  };

  const arrivedAt = (offset) => ({
    getStatus: () => 204,
    getHeader: (name) => (name === "Upload-Offset" ? String(offset) : null),
    getBody: () => "",
    getUnderlyingObject: () => null,
  });

  const patch = (url) => {
    const headers = {};
    let told = () => {}; // of bytes beyond the offset
    let current = null;
    let aborted = false;

    const ask = (method, address, { body, more = {}, progress } = {}) => {
      if (aborted) return new Promise(() => {}); // as a request does that was aborted: nobody hears of it any more
      current = usual.createRequest(method, address);
      for (const [name, value] of Object.entries(more)) current.setHeader(name, value);
      if (progress) current.setProgressHandler(progress);
      return current.send(body);
    };

    const byServer = (body) => ask("PATCH", url, { body, more: headers, progress: told });

    const put = async ({ first, after_last: end, url: address }, offset) => {
      const progress = (sent) => told(Math.max(0, first + sent - offset));
      const answer = await ask("PUT", address, { body: file.slice(first, end), progress });
      if (answer.getStatus() !== 200) throw new Error(`the store answers ${answer.getStatus()}`);
    };

    // What the store says counts, not what was sent: with less than before, the part has not arrived.
    const looked = async (offset) => {
      const answer = await ask("HEAD", url, { more: { "Tus-Resumable": headers["Tus-Resumable"] } });
      if (answer.getStatus() === 200 && !(Number(answer.getHeader("Upload-Offset")) > offset)) throw new Error("not kept");
      return answer;
    };

    const byPart = async (body) => {
      const offset = Number(headers["Upload-Offset"]);
      const place = url.replace("/flow/uploads/", "/uploads/");
      const signed = await ask("GET", `${place}/parts/${Math.floor(offset / partSize) + 1}`);
      if (signed.getStatus() === 409) partSize = 0;
      if (signed.getStatus() !== 200) return partSize ? signed : byServer(body);
      const part = JSON.parse(signed.getBody());
      try {
        await put(part, offset);
        const answer = part.after_last < file.size ? arrivedAt(part.after_last) : await looked(offset);
        failed = 0;
        return answer;
      } catch (error) {
        failed += 1;
        throw error;
      }
    };

    return {
      getMethod: () => "PATCH",
      getURL: () => url,
      setHeader: (name, value) => (headers[name] = value),
      getHeader: (name) => headers[name],
      setProgressHandler: (handler) => (told = handler),
      send: (body) => (partSize && failed < PATIENCE ? byPart(body) : byServer(body)),
      abort: async () => {
        aborted = true;
        await current?.abort();
      },
      getUnderlyingObject: () => current?.getUnderlyingObject(),
    };
  };

  const createRequest = (method, url) => {
    if (method === "PATCH") return patch(url);
    return method === "POST" || method === "HEAD" ? asking(method, url) : usual.createRequest(method, url);
  };
  return { createRequest, getName: () => "sendbigDirect" };
};
