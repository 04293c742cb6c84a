// Shows the OpenAPI document in the viewer, and lets whoever is signed in try the calls with his session.
(() => {
  const place = document.getElementById("api");
  if (!place || !window.SwaggerUIBundle) return;
  window.SwaggerUIBundle({
    domNode: place,
    url: place.dataset.document,
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: -1,
    persistAuthorization: false,
    tagsSorter: "alpha",
    validatorUrl: null, // nothing leaves the site
    requestInterceptor(request) {
      if (!request.loadSpec) request.headers["X-CSRF-Token"] = place.dataset.csrf;
      return request;
    },
  });
})();
