// Serves the built widget and the demo page with the mock server behind them: `npm run build && npm run mock`.
import { existsSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { createServer } from "vite";

const dist = new URL("../dist", import.meta.url).pathname;
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const vite = await createServer({ configFile: false, server: { middlewareMode: true, ws: false }, appType: "custom", logLevel: "error" });
const { startMock } = await vite.ssrLoadModule("/tests/mock-server.ts");
const { playBot } = await vite.ssrLoadModule("/tests/mock-bot.ts");

function pages(request, response) {
  const { pathname } = new URL(request.url, "http://mock");
  const file = fileOf(pathname);
  if (!file || !existsSync(file)) return false;
  const policy = "default-src 'self'; object-src 'none'; base-uri 'none'";
  response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream", "Content-Security-Policy": policy });
  response.end(extname(file) === ".html" ? readFileSync(file, "utf8").replaceAll("__INBOX__", "default") : readFileSync(file));
  return true;
}

function fileOf(path) {
  if (path === "/") return join(dist, "demo/index.html");
  if (path === "/widget/loader.js") return join(dist, "loader.js");
  if (path === "/demo/favicon.svg") return join(dist, path.slice(1));
  if (/^\/widget\/assets\/[\w.-]+$/.test(path)) return join(dist, path.slice("/widget/".length));
  return /^\/widget\/[\w-]+$/.test(path) ? join(dist, "index.html") : null;
}

const mock = await startMock({ port: Number(process.env.PORT ?? 15100), bot: playBot, pages });
const at = new Date(Date.now() - 36e5).toISOString();
const ticket = (number, subject, stage, comments = []) => ({ number, subject, stage, created_at: at, updated_at: at, comments });
mock.desk.tickets.push(
  ticket("T-1042", "Lid of the Ember Kettle cracked after a week", "in_work", [
    { author: { type: "agent", name: "Tomas Reinder" }, text: "A new lid is on its way to you.", created_at: at },
  ]),
  ticket("T-1017", "Invoice with the company's VAT number", "solved"),
);
console.log(`The widget with a mock server: ${mock.url}`);
