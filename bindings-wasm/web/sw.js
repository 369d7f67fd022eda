// Keeps the page's own files, so that it works offline after the first visit. web/build writes the list below: what is kept,
// with the hash that it must have. Registries, texts, and whatever goes to another host never come near it.

const VERSION = "{{version}}";
/** @type {Record<string, string>} */
const FILES = {/* build */};
/** The two builds of the package: only that one is kept which this browser runs. */
const SIMD = "{{simd}}", SCALAR = "{{scalar}}";
/** The smallest module with a SIMD instruction. */
const PROBE = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]);

/** Kept when the page says that it is used: the strings of a language. */
const LATER = /^strings\//;

const CACHE = `nagalm-page-${VERSION}`;
const address = (/** @type {string} */ path) => new URL(path, self.registration.scope).href;
const kept = () => {
  const other = WebAssembly.validate(PROBE) ? SCALAR : SIMD;
  return Object.keys(FILES).filter((path) => path !== other && !LATER.test(path));
};

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", ({ data }) => {
  if (Object.hasOwn(FILES, data?.keep)) void keep(data.keep);
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const scope = new URL(self.registration.scope);
  if (request.method !== "GET" || origin !== scope.origin || !pathname.startsWith(scope.pathname)) return;
  const path = pathname.slice(scope.pathname.length) || "index.html";
  if (Object.hasOwn(FILES, path)) event.respondWith(answer(request, path));
});

async function install() {
  await Promise.all(kept().map(keep));
}

/** @param {string} path */
async function keep(path) {
  const cache = await caches.open(CACHE);
  if (!(await cache.match(address(path)))) await cache.put(address(path), await load(path));
}

/** A file as this version has it: what the browser still has will do, if it is that. @param {string} path */
async function load(path) {
  const integrity = FILES[path];
  for (const cache of /** @type {const} */ (["default", "reload"])) {
    try {
      const response = await fetch(new Request(address(path), { cache, integrity }));
      if (response.ok) return response;
    } catch { /* another version: load it anew */ }
  }
  throw new Error(`${path} could not be loaded as this version has it`);
}

async function activate() {
  for (const name of await caches.keys()) if (name.startsWith("nagalm-page-") && name !== CACHE) await caches.delete(name);
  await self.clients.claim();
}

/** @param {Request} request @param {string} path */
async function answer(request, path) {
  const cache = await caches.open(CACHE);
  const there = await cache.match(address(path));
  if (there) return there;
  const fetched = await fetch(request);
  if (fetched.ok && LATER.test(path)) await cache.put(address(path), fetched.clone());
  return fetched;
}
