// How the app in the iframe and the demo company's page are built (the loader has a config of its own).
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const page = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig({
  base: "/widget/",
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: ["es2020", "chrome100", "safari15.4", "firefox102"],
    cssTarget: ["chrome100", "safari15.4", "firefox102"],
    // A strict `default-src 'self'` refuses data: addresses, so nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { app: page("index.html"), demo: page("demo/index.html") },
    },
  },
});
