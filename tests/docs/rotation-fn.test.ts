import assert from "node:assert/strict";
import { metricNamespace, metrics } from "../../contract/metrics";
import { readStrategies } from "../../rotation-fn/strategies";
import { temporaryFolder } from "../support/temporary-folder";
import { firstColumnOf, readDocument } from "../support/markdown";

const readme = readDocument("rotation-fn/README.md");

describe("rotation-fn/README.md", () => {
  const folder = temporaryFolder();

  it("lists exactly the variables that the settings read", () => {
    const read = new Set<string>();
    const spy = (environment: Record<string, string>) =>
      new Proxy(environment, {
        get(target, name) {
          read.add(String(name));
          return target[String(name)];
        },
      });
    const openSecret = () => assert.fail("no secret is read");
    readStrategies(
      spy({
        DATABASE_SECRETS: "arn:aws:secretsmanager:us-east-1:123456789012:secret:example-a1B2c3,todo,owner,single-user",
        OWNER_ROLE: "todo_owner",
        PGSSLROOTCERT: folder.write("ca.pem", "-----BEGIN CERTIFICATE-----\n"),
      }),
      openSecret,
    );
    readStrategies(
      spy({
        API_KEY_SECRET_ARN: "arn:aws:secretsmanager:us-east-1:123456789012:secret:example-a1B2c3",
        API_ALLOWED_HOST: "api.example.com",
        API_SET_KEY_REQUEST: "PUT https://api.example.com/key",
        API_TEST_KEY_REQUEST: "GET https://api.example.com/account",
      }),
      openSecret,
    );
    const listed = ["Environment", "For a database", "For an API key"].flatMap((heading) =>
      firstColumnOf(readme, heading),
    );
    assert.deepEqual(listed.sort(), [...read].sort());
  });

  it("lists every metric, with its dimensions and its unit", () => {
    assert(readme.includes(`namespace \`${metricNamespace}\``));
    assert.deepEqual(firstColumnOf(readme, "Logs and metrics").sort(), Object.keys(metrics).sort());
    for (const [name, { dimensions, unit }] of Object.entries(metrics)) {
      const cells = [`\`${name}\``, dimensions.map((dimension) => `\`${dimension}\``).join(", "), unit];
      assert.match(readme, new RegExp(`^\\| ${cells.join(" +\\| ")} +\\|`, "m"));
    }
  });
});
