import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", "node_modules/"] },
  eslint.configs.recommended,
  { files: ["**/*.ts"], extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked] },
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
  {
    files: ["**/*.ts"],
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      eqeqeq: "error",
    },
  },
  {
    files: ["tests/**/*.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector:
            "MemberExpression[object.name=/^(describe|context|it|specify|suite|test)$/][property.name=/^(only|skip)$/]",
          message:
            "No focused or skipped tests: a test that needs what this machine lacks says so with requireOrSkip().",
        },
        { selector: "CallExpression[callee.name=/^x(describe|context|it|specify)$/]", message: "No skipped tests." },
        {
          selector: "MemberExpression[object.type='ThisExpression'][property.name=/^(skip|timeout)$/]",
          message: "No hidden skips: use requireOrSkip() of tests/support.",
        },
      ],
      // `describe` and `it` bodies of mocha use async functions and unawaited registration by design.
      "@typescript-eslint/no-unused-expressions": "off",
    },
  },
);
