import { startTap, type Tap } from "./tap";

/** A tap on the Secrets Manager endpoint that records every credential that passes, in either direction. */
export interface CredentialTap extends Tap {
  /** Passwords and rotation tokens → what each is. */
  readonly secrets: ReadonlyMap<string, string>;
}

export async function startCredentialTap(endpointUrl: string): Promise<CredentialTap> {
  const secrets = new Map<string, string>();
  const note = ({ SecretString, RotationToken }: Readonly<Record<string, unknown>>): void => {
    if (typeof RotationToken === "string") secrets.set(RotationToken, "a rotation token");
    const [, password] =
      /"password":("(?:[^"\\]|\\.)*")/.exec(typeof SecretString === "string" ? SecretString : "") ?? [];
    if (password !== undefined) secrets.set(JSON.parse(password) as string, "a password");
  };
  const tap = await startTap(endpointUrl, ({ input, answer }) => {
    note(input);
    note(answer);
  });
  return { ...tap, secrets };
}
