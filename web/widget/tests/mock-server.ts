// A small stand-in for the desk's visitor API, over real HTTP and WebSockets, that tests can disturb.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import { MockDesk, publicView, type MockConversation } from "./mock-desk";
import { Refusal, routes } from "./mock-routes";

export interface Mock {
  url: string;
  desk: MockDesk;
  sockets: Set<WebSocket>;
  /** Each entry answers one coming request: a status, or "drop" to do the work and lose the answer. */
  faults: (number | "drop" | "cut")[];
  /** New sockets are refused. */
  socketsBlocked: boolean;
  requests: string[];
  close: () => Promise<void>;
}

export type Fallback = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface MockOptions {
  port?: number;
  pingMs?: number;
  /** Called with every customer message, to play the assistant. */
  bot?: (desk: MockDesk, conversation: MockConversation) => void;
  pages?: Fallback;
}

export async function startMock(options: MockOptions = {}): Promise<Mock> {
  const desk = new MockDesk();
  const mock = { desk, sockets: new Set<WebSocket>(), faults: [], socketsBlocked: false, requests: [] } as unknown as Mock;
  const server = createServer((request, response) => void answer(mock, options, request, response));
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, wire, head) => {
    if (mock.socketsBlocked || request.url !== "/api/visitor/socket") return void wire.destroy();
    sockets.handleUpgrade(request, wire, head, (socket) => attend(mock, options, socket));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  mock.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  mock.close = async () => {
    for (const socket of mock.sockets) socket.terminate();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return mock;
}

async function answer(mock: Mock, options: MockOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = request.url ?? "/";
  if (!url.startsWith("/api/")) {
    if (!options.pages?.(request, response)) response.writeHead(404).end();
    return;
  }
  const content = await readAll(request);
  mock.requests.push(`${request.method ?? ""} ${url}`);
  const fault = mock.faults.shift();
  if (fault === "cut") return void response.destroy();
  const [status, body] = typeof fault === "number" ? [fault, problem(fault, "fault")] : work(mock, options, request, content);
  if (fault === "drop") return void response.destroy();
  if (body instanceof Buffer) return void response.writeHead(status, { "Content-Type": "application/octet-stream" }).end(body);
  response.writeHead(status, { "Content-Type": "application/json" }).end(status === 204 ? "" : JSON.stringify(body));
}

function work(mock: Mock, options: MockOptions, request: IncomingMessage, content: Buffer): [number, unknown] {
  const url = new URL(request.url ?? "/", "http://mock");
  const token = (request.headers.authorization ?? "").replace("Bearer ", "");
  const type = request.headers["content-type"] ?? "";
  try {
    const body: unknown = type.startsWith("application/json") ? JSON.parse(content.toString() || "{}") : { content, type };
    return routes(mock.desk, { method: request.method ?? "GET", url, token, body }, options.bot);
  } catch (error) {
    if (error instanceof Refusal) return [error.status, { ...problem(error.status, error.type), ...error.more }];
    throw error;
  }
}

const problem = (status: number, type: string) => ({ type, title: type, status, detail: `The server says ${type}.` });

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function attend(mock: Mock, options: MockOptions, socket: WebSocket): void {
  const { desk } = mock;
  const after = new Map<string, number>();
  const send = (frame: object) => socket.send(JSON.stringify(frame));
  const stop = desk.listen((conversation, frame) => {
    if (after.has(conversation.id)) send(frame);
  });
  const heads = () => Object.fromEntries(desk.conversations.filter((c) => after.has(c.id)).map((c) => [c.id, c.last_seq]));
  const pulse = setInterval(() => send({ type: "ping", heads: heads() }), options.pingMs ?? 10_000);
  mock.sockets.add(socket);
  socket.on("close", () => {
    stop();
    clearInterval(pulse);
    mock.sockets.delete(socket);
  });
  socket.on("message", (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as { type: string; token: string; conversations: Record<string, number> };
    if (frame.type !== "hello") return;
    const visitor = desk.tokens.get(frame.token);
    if (visitor === undefined) {
      socket.close(1008);
      return;
    }
    const ready: Record<string, object> = {};
    for (const conversation of desk.of(visitor)) {
      const seen = frame.conversations[conversation.id];
      if (seen === undefined) continue;
      after.set(conversation.id, seen);
      for (const message of conversation.messages) {
        if (message.seq > seen) send({ type: "message", conversation_id: conversation.id, message });
      }
      ready[conversation.id] = publicView(conversation);
    }
    send({ type: "ready", conversations: ready });
  });
}
