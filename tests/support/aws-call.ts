import * as sdk from "@aws-sdk/client-secrets-manager";
import assert from "node:assert/strict";
import type { Exchange } from "./tap";

/** Makes the call with the unmodified SDK, and returns its answer as sent. */
export async function callAsItStands(
  client: sdk.SecretsManagerClient,
  operation: string,
  input: object,
): Promise<Omit<Exchange, "operation" | "input">> {
  const Command = (sdk as unknown as Record<string, new (input: object) => sdk.DescribeSecretCommand>)[
    `${operation}Command`
  ];
  assert(Command, `${operation} is no operation of the SDK`);
  try {
    const { $metadata, ...answer } = await client.send(new Command(input));
    return { status: $metadata.httpStatusCode ?? 0, answer: JSON.parse(JSON.stringify(answer)) as Exchange["answer"] };
  } catch (error) {
    assert(error instanceof sdk.SecretsManagerServiceException);
    const { name, message, $metadata } = error;
    return { status: $metadata.httpStatusCode ?? 0, answer: { __type: name, message } };
  }
}
