import { randomInt } from "node:crypto";
import { accountId, region } from "../aws-account";
import { invalidRequest, resourceExists, resourceNotFound, validation } from "./api-error";
import { Secret } from "./secret";

const suffixAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const suffix = /-[A-Za-z0-9]{6}$/;

/** All secrets of the account, in memory, found as the API finds them. */
export class SecretStore {
  readonly #secrets = new Map<string, Secret>();

  constructor(
    readonly now: () => Date,
    readonly onCurrentMoved: (secret: Secret, versionId: string) => void,
  ) {}

  /** In order of creation, including those in their recovery window. */
  all(): readonly Secret[] {
    for (const secret of this.#secrets.values()) {
      if (secret.deletedDate && secret.deletedDate <= this.now()) this.#secrets.delete(secret.name);
    }
    return [...this.#secrets.values()];
  }

  /** @throws ApiError when the name is taken, also by a secret in its recovery window, or is not valid */
  create(name: string): Secret {
    checkName(name);
    const existing = this.all().find((secret) => secret.name === name);
    if (existing?.deletedDate) {
      throw invalidRequest(
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      );
    }
    if (existing) throw resourceExists(`The operation failed because the secret ${name} already exists.`);
    const random = Array.from({ length: 6 }, () => suffixAlphabet[randomInt(suffixAlphabet.length)]).join("");
    const arn = `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}-${random}`;
    const secret = new Secret(name, arn, this.now(), this.onCurrentMoved);
    this.#secrets.set(name, secret);
    return secret;
  }

  delete(secret: Secret): void {
    this.#secrets.delete(secret.name);
  }

  /**
   * A secret by its name, its ARN, or its ARN without the six random characters; undefined when it does not exist.
   *
   * @throws ApiError ValidationException for anything that is neither a name nor an ARN
   */
  lookUp(secretId: string): Secret | undefined {
    if (!secretId.startsWith("arn:")) checkName(secretId);
    return this.all().find(({ name, arn }) => [name, arn, arn.replace(suffix, "")].includes(secretId));
  }

  /** @throws ApiError ResourceNotFoundException */
  find(secretId: string): Secret {
    const secret = this.lookUp(secretId);
    if (!secret) throw resourceNotFound("Secrets Manager can't find the specified secret.");
    return secret;
  }

  /** @throws ApiError ResourceNotFoundException, InvalidRequestException for a deleted secret */
  findUsable(secretId: string): Secret {
    const secret = this.find(secretId);
    if (secret.deletedDate) {
      throw invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
    }
    return secret;
  }
}

function checkName(name: string): void {
  if (/^[\w/+=.@!-]{1,512}$/.test(name)) return;
  throw validation(
    "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
  );
}
