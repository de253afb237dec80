/* Which folder may import which: `npm run check:imports`. Imports run one way, and what runs in AWS stays free of the rest. */

/** `folder` may import itself, what is in `allowed`, and packages. */
const mayImportOnly = (folder, allowed, comment) => ({
  name: `${folder} imports ${allowed.join(", ") || "none of our folders"}`,
  comment,
  severity: "error",
  from: { path: `^${folder}/` },
  to: {
    pathNot: ["node_modules", "^aws-lambda$", `^(${[folder, ...allowed].join("|")})(/|\\.ts$)`],
    dependencyTypesNot: ["core"],
  },
});

export default {
  forbidden: [
    { name: "no circles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "nothing imports tests",
      comment: "Tests import the product, never the other way round.",
      severity: "error",
      from: { pathNot: "^tests/" },
      to: { path: "^tests/" },
    },
    mayImportOnly("contract", [], "The formats that all parts share."),
    mayImportOnly("rotation-fn", ["contract"], "Runs in AWS Lambda."),
    mayImportOnly("credential-pool", ["contract"], "Is used by services other than ours."),
    mayImportOnly("todo-app", ["credential-pool"], "Runs in AWS Fargate."),
    mayImportOnly("config", ["contract"], "Reads and checks the configuration."),
    mayImportOnly("components", ["contract", "bundle"], "Takes the bundles, never their insides."),
    mayImportOnly("ops", ["contract"], "Talks to AWS."),
    mayImportOnly("engine", ["command-line"], "Runs the program in a process of its own."),
    mayImportOnly("local", ["contract"], "Runs the bundles, never their insides."),
    mayImportOnly("demo", ["local", "contract", "bundle", "command-line"], "Runs on the laptop's AWS."),
    {
      name: "Pulumi stays out of AWS",
      severity: "error",
      from: { path: "^(contract|rotation-fn|credential-pool|todo-app)/" },
      to: { path: "node_modules/@pulumi/" },
    },
    {
      name: "the pool leaves the AWS SDK to its source",
      comment: "A service that reads its secret elsewhere does without it.",
      severity: "error",
      from: { path: "^credential-pool/", pathNot: "^credential-pool/secrets-manager\\.ts$" },
      to: { path: "node_modules/@aws-sdk/" },
    },
    {
      name: "awsx comes by components/awsx.ts",
      comment: "It loads the modules of the outputs.",
      severity: "error",
      from: { path: "^(components|index)", pathNot: "^components/awsx\\.ts$" },
      to: { path: "node_modules/@pulumi/awsx/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|node_modules)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js", ".mjs", ".cjs", ".json"] },
  },
};
