import js from "@eslint/js";

// The scripts stand side by side in one page and see one another's names; tsc looks for unknown ones.
export default [
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2024, sourceType: "script" },
    rules: {
      "no-undef": "off",
      "no-unused-vars": ["error", { vars: "local" }],
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "max-lines": ["error", 500],
      "max-lines-per-function": ["error", { max: 90, skipComments: true }],
    },
  },
];
