// The lint rules: typescript-eslint's strict set, and a ban on every way of turning text into markup.
import js from "@eslint/js";
import tseslint from "typescript-eslint";

const noMarkup = (property) => ({ property, message: "Text from others is only ever set as textContent." });

export default tseslint.config(
  { ignores: ["dist/", "node_modules/"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "max-lines": ["error", 250],
      "no-restricted-properties": [
        "error",
        noMarkup("innerHTML"),
        noMarkup("outerHTML"),
        noMarkup("insertAdjacentHTML"),
        noMarkup("createContextualFragment"),
        noMarkup("setHTMLUnsafe"),
        noMarkup("srcdoc"),
        { object: "document", property: "write", message: "Build nodes instead." },
        { object: "document", property: "cookie", message: "The widget sets no cookies." },
      ],
      "no-restricted-globals": ["error", { name: "DOMParser", message: "Build nodes instead." }],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
  {
    files: ["tests/**/*.ts"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-floating-promises": ["error", { ignoreVoid: true }],
    },
  },
  {
    files: ["**/*.mjs", "**/*.js"],
    languageOptions: { globals: { console: "readonly", process: "readonly", URL: "readonly" } },
  },
);
