import * as pulumi from "@pulumi/pulumi";

/** Looks up existing resources, and collects what it refuses instead of stopping at the first. */
export class Lookup {
  readonly #findings: string[] = [];

  /** @param field as in "existingNetwork.vpcId" */
  refuse(field: string, received: string, accepted: string): void {
    this.#findings.push(`${field}: received ${received}, accepted is ${accepted}`);
  }

  /** @returns undefined for what AWS does not find, or does not show to this principal */
  async find<T>(field: string, id: string, accepted: string, call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await call();
    } catch (error) {
      this.refuse(field, `"${id}"`, `${accepted}. AWS says: ${causeOf(error)}`);
      return undefined;
    }
  }

  /** @throws pulumi.RunError with everything that was refused */
  finish(): void {
    if (this.#findings.length === 0) return;
    const lines = this.#findings.map((finding) => `\n  ${finding}`).join("");
    throw new pulumi.RunError(
      `Stack ${pulumi.getStack()} cannot use these existing resources; nothing was registered or changed.${lines}`,
    );
  }
}

/** The provider's own message, without Pulumi's prefix. */
function causeOf(error: unknown): string {
  const message = (error as Error).message.replace(/\s+/g, " ").trim();
  return message.replace(/^.*\baws:[\w/]+:\w+(: | returned an error: )/, "").slice(0, 300);
}
