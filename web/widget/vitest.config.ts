// How the tests run: in Node, and in happy-dom where a file asks for a document.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["tests/**/*.test.ts"], testTimeout: 15_000, maxWorkers: 2 },
});
