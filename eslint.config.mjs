import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

/** The folders whose insides may not be imported from `folder`: imports run one way, and what runs in AWS stays free of the rest. */
const mayNotImport = (folder, forbidden, why) => ({
  files: [`${folder}/**/*.ts`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          {
            // Both ../folder/file and ../../folder/file; a folder of the same name inside node_modules is no match.
            regex: `^(\\.\\./)+(${forbidden.join("|")})(/|$)`,
            message: why,
          },
          ...(folder === "components"
            ? [
                {
                  regex: "^@pulumi/awsx(/|$)",
                  message: "Import from components/awsx.ts: it loads the modules of the outputs.",
                },
              ]
            : []),
          ...(["rotation-fn", "todo-app", "contract"].includes(folder)
            ? [{ regex: "^@pulumi/", message: `${folder} runs in AWS: it imports nothing of Pulumi.` }]
            : []),
        ],
      },
    ],
  },
});

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
  mayNotImport(
    "contract",
    ["rotation-fn", "todo-app", "components", "local", "ops", "tests", "index", "config"],
    "contract imports nothing of ours.",
  ),
  mayNotImport(
    "rotation-fn",
    ["todo-app", "components", "local", "ops", "tests", "index", "config"],
    "rotation-fn imports contract only.",
  ),
  mayNotImport(
    "todo-app",
    ["rotation-fn", "components", "local", "ops", "tests", "index", "config"],
    "todo-app imports contract only.",
  ),
  mayNotImport(
    "components",
    ["rotation-fn", "todo-app", "local", "ops", "tests", "index", "config"],
    "components import components, policies and the bundles.",
  ),
  { files: ["components/awsx.ts"], rules: { "no-restricted-imports": "off" } },
  mayNotImport(
    "local",
    ["rotation-fn", "todo-app", "components", "ops", "tests", "index", "config"],
    "local runs the bundles, never their insides.",
  ),
  mayNotImport(
    "ops",
    ["rotation-fn", "todo-app", "components", "local", "tests", "index", "config"],
    "ops talks to AWS: it imports contract only.",
  ),
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
