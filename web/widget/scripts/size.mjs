// Fails when the loader, which every page of the shop has to carry, outgrows its budget.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET = 5 * 1024;
const file = new URL("../dist/loader.js", import.meta.url);
const size = gzipSync(readFileSync(file), { level: 9 }).length;
console.log(`loader.js: ${size} of ${BUDGET} bytes, gzipped`);
process.exitCode = size > BUDGET ? 1 : 0;
