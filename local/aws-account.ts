import { devNull } from "node:os";

/** The account and region of everything local. AWS's own documentation uses this account. */
export const accountId = "123456789012";
export const region = "us-east-1";

/**
 * For a process that calls the local AWS, as an access key named after it. Nothing of the developer's: the SDK would
 * find ~/.aws even without HOME.
 */
export function awsEnvironment(caller: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: caller,
    AWS_SECRET_ACCESS_KEY: "example-secret-access-key",
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  };
}
