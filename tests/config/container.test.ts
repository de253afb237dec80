import assert from "node:assert/strict";
import { readContainer } from "../../config/container";
import { itRefuses, readerOf } from "../support/configuration";

const read = readerOf({ containerPort: "8080", healthCheckPath: "/healthz", environment: "{}" }, readContainer);

describe("the service's container in the configuration", () => {
  it("accepts another service's port, health check and variables, including the ARN of a secret", () => {
    const environment = { LOG_LEVEL: "debug", CACHE_SECRET_ARN: "arn:aws:secretsmanager:us-east-1:1:secret:a" };
    const values = { containerPort: "3000", healthCheckPath: "/up?deep=0", environment: JSON.stringify(environment) };
    const expected = { containerPort: 3000, healthCheckPath: "/up?deep=0", environment };
    assert.deepEqual(read(values), { values: expected, findings: [] });
  });

  const refused: [values: Record<string, string>, finding: RegExp][] = [
    [{ containerPort: "80" }, /containerPort: received "80", accepted is a whole number from 1024 to 65535$/],
    [{ healthCheckPath: "up" }, /healthCheckPath: received "up", accepted is a path that starts with \//],
    [{ healthCheckPath: `/${"u".repeat(1024)}` }, /healthCheckPath: .*at most 1024 characters/],
    [{ environment: "[]" }, /environment: received a value that is not an object, accepted is an object, name: text$/],
    [{ environment: "{" }, /environment: received a value that is not an object/],
    [
      { environment: '{"PORT":"80"}' },
      /environment\.PORT: received this name, accepted is .*the program sets this variable$/,
    ],
    [{ environment: '{"A-B":"x"}' }, /environment\.A-B: received this name, accepted is a name of letters/],
    [{ environment: '{"N":1}' }, /environment\.N: received a number, accepted is text, in quotes/],
    [
      { environment: '{"DB_PASSWORD":"x"}' },
      /environment\.DB_PASSWORD: received the name of a secret, accepted is no secrets: read them from Secrets Manager, by ARN/,
    ],
  ];
  itRefuses(refused, (values) => read(values).findings);

  it("shows no value of a variable that it refuses", () => {
    const { findings } = read({ environment: '{"API_TOKEN":"example-password-1"}' });
    assert.equal(findings.length, 1);
    assert.doesNotMatch(findings.join(), /example-password/);
  });
});
