// Serves a folder on loopback as a good static host would: brotli, right types, strict headers. Nothing more than tests need.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".jsonl": "application/x-ndjson",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/** The page's policy, as its own `<meta>` has it; a header can say `frame-ancestors`, too. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "worker-src 'self'; frame-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
/** What the frame that asks a model may do before it narrows itself to one address. */
export const FRAME_POLICY =
  "default-src 'none'; script-src 'self'; connect-src https: http://localhost:* http://127.0.0.1:*; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'self'";

/** Files larger than this are sent as they are: compressing them would be what a test measures. */
const COMPRESS_UP_TO = 16 << 20;
/** No connection lives longer than this. */
const LONGEST_MS = 60_000;

const compress = promisify(brotliCompress);

/**
 * @param {string} root the folder
 * @param {{ pages?: Record<string, { type: string, body: string | Buffer, headers?: Record<string, string> }> }} [options]
 *   `pages`: further answers by path, which no file stands for
 */
export async function serveFolder(root, { pages = {} } = {}) {
  /** @type {{ path: string, status: number, bytes: number }[]} bytes: of the body, as sent */
  const served = [];
  const compressed = new Map();

  const answer = async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://loopback").pathname);
    const send = (status, headers, body) => {
      served.push({ path, status, bytes: body.length });
      response.writeHead(status, status === 304 ? headers : { "content-length": body.length, ...headers });
      response.end(request.method === "HEAD" || status === 304 ? undefined : body);
    };
    if (request.method !== "GET" && request.method !== "HEAD") return send(405, {}, Buffer.from("method not allowed"));
    const made = pages[path];
    if (made) return send(200, { ...headersOf(path), "content-type": made.type, ...made.headers }, Buffer.from(made.body));
    const file = normalize(join(root, path.endsWith("/") ? `${path}index.html` : path));
    const about = file.startsWith(root + sep) && !path.includes("\0") ? await stat(file).catch(() => null) : null;
    if (!about?.isFile()) return send(404, {}, Buffer.from("not found"));
    const headers = { ...headersOf(path), "content-type": TYPES[extname(file)] ?? "application/octet-stream" };
    if (about.size > COMPRESS_UP_TO) {
      served.push({ path, status: 200, bytes: about.size });
      response.writeHead(200, { "content-length": about.size, ...headers });
      return createReadStream(file)
        .on("error", () => response.destroy())
        .pipe(response);
    }
    const body = await readFile(file);
    headers.etag = `"${createHash("sha256").update(body).digest("base64url")}"`;
    if (request.headers["if-none-match"] === headers.etag) return send(304, headers, Buffer.alloc(0));
    if (!/\bbr\b/.test(request.headers["accept-encoding"] ?? "")) return send(200, headers, body);
    const key = `${file} ${about.mtimeMs} ${about.size}`;
    if (!compressed.has(key)) {
      compressed.set(key, await compress(body, { params: { [constants.BROTLI_PARAM_QUALITY]: body.length > 1 << 20 ? 9 : 11 } }));
    }
    send(200, { ...headers, "content-encoding": "br", vary: "accept-encoding" }, compressed.get(key));
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.requestTimeout = LONGEST_MS;
  server.maxConnections = 64;
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address();
  return {
    origin: `http://127.0.0.1:${port}`,
    served,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

function headersOf(path) {
  return {
    "cache-control": "no-cache",
    "content-security-policy": path.endsWith("/frame.html") ? FRAME_POLICY : PAGE_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
}
