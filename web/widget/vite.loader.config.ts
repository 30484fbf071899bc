// How the loader is built: one small classic script under a stable name, next to the app's build.
import { defineConfig } from "vite";

export default defineConfig({
  publicDir: false,
  build: {
    outDir: "dist",
    emptyOutDir: false,
    target: ["es2020", "chrome100", "safari15.4", "firefox102"],
    lib: { entry: "src/loader/loader.ts", formats: ["iife"], name: "DeskhandLoader", fileName: () => "loader.js" },
  },
});
