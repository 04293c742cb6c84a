// A real OpenID Connect provider for tests/people/test_oidc_flow.py: node tests/idp/provider.mjs < settings.json
// settings: {"port": 0, "client": {...}, "accounts": {"<login>": {claims}}}. Prints {"issuer": "..."} once it listens.
// Whoever gives a login that is known is signed in; what he is shown is a page with one field, then one to agree.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const settings = JSON.parse(readFileSync(0, "utf8"));
const server = createServer();

server.listen(settings.port, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [settings.client],
    claims: { openid: ["sub", "acr", "amr"], email: ["email", "email_verified"], profile: ["name"] },
    cookies: { keys: ["a key for tests only"] },
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => settings.accounts[id] && { accountId: id, claims: () => ({ sub: id, ...settings.accounts[id] }) },
    ttl: { AccessToken: 300, AuthorizationCode: 60, IdToken: 300, Interaction: 300, Grant: 300, Session: 300 },
  });
  const oidc = provider.callback();
  server.on("request", async (request, response) => {
    if (!request.url.startsWith("/interaction/")) return oidc(request, response);
    try {
      await interact(provider, request, response);
    } catch (problem) {
      response.writeHead(400).end(String(problem));
    }
  });
  console.log(JSON.stringify({ issuer }));
});

async function interact(provider, request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (request.method === "GET") {
    const field = prompt.name === "login" ? '<input name="login">' : "";
    response.setHeader("Content-Type", "text/html");
    return response.end(`<form method="post"><p>${prompt.name}</p>${field}<button>Go on</button></form>`);
  }
  if (prompt.name === "login") {
    const login = new URLSearchParams(await text(request)).get("login");
    const known = settings.accounts[login];
    const result = known ? { login: { accountId: login, amr: known.amr } } : { error: "access_denied" };
    return provider.interactionFinished(request, response, result);
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
}

async function text(request) {
  let whole = "";
  for await (const piece of request) whole += piece;
  return whole;
}
