import { RotateSecretCommand } from "@aws-sdk/client-secrets-manager";
import type { DatabaseSecretEntry } from "../../contract/database-secrets";
import type { LocalFunction } from "../../local/lambda";
import type { RotationOutcome } from "../../local/secrets-manager";
import type { RotationStrategy } from "../../local/stack";
import { awsRotationFunction } from "./aws-rotation-function";
import { assertSucceeded } from "./rotation";
import { startRotateFunction, type TestStack } from "./stack";

/** The two configuration keys that determine how the credential rotates. */
export interface HowToRotate {
  readonly rotationImplementation: "custom" | "aws-provided";
  readonly rotationStrategy: RotationStrategy;
}

/** A stack whose configuration changes, and what `pulumi up` then does to it, in the program's order. */
export class ChangingStack {
  #rotateFunction: LocalFunction;
  readonly #replaced: LocalFunction[] = [];

  constructor(readonly stack: TestStack) {
    this.#rotateFunction = stack.rotateFunction;
  }

  get rotateFunction(): LocalFunction {
    return this.#rotateFunction;
  }

  /**
   * The function's environment changes, or another function is created. Bootstrap is invoked with the new
   * configuration. For another function, rotation is given its ARN and rotates immediately, then the former function is
   * deleted.
   */
  async up(how: HowToRotate): Promise<void> {
    const former = this.#rotateFunction;
    this.#rotateFunction = this.startRotateFunction(how);
    this.stack.secretsManager.registerFunction(this.#rotateFunction);
    await this.bootstrap(how);
    this.#replaced.push(former);
    if (former.arn !== this.#rotateFunction.arn) await this.#beginRotation();
  }

  async rotate(): Promise<RotationOutcome> {
    await this.stack.secretsManager.whenRotated(this.stack.secretArn);
    await this.#beginRotation();
    return this.stack.secretsManager.whenRotated(this.stack.secretArn);
  }

  /** Starts without registering: the caller stops it. */
  startRotateFunction({ rotationImplementation, rotationStrategy }: HowToRotate): LocalFunction {
    if (rotationImplementation === "aws-provided") return awsRotationFunction(this.stack, rotationStrategy);
    const superuser = { SUPERUSER_SECRET_ARN: this.stack.superuserSecretArn };
    const environment = rotationStrategy === "alternating-users" ? superuser : {};
    const { name } = this.stack.rotateFunction;
    return startRotateFunction(this.stack, name, this.#secrets(rotationStrategy), environment);
  }

  async bootstrap({ rotationImplementation, rotationStrategy }: HowToRotate): Promise<unknown> {
    const environment = { ROTATION_IMPLEMENTATION: rotationImplementation };
    const result = await this.stack.bootstrap({ secrets: this.#secrets(rotationStrategy), environment });
    assertSucceeded(result);
    return result.payload;
  }

  /** Ends the functions that up() started. */
  async stop(): Promise<void> {
    await Promise.all([this.#rotateFunction, ...this.#replaced].map((fn) => fn.stop()));
  }

  async #beginRotation(): Promise<void> {
    const { client, secretArn: SecretId } = this.stack;
    const RotationLambdaARN = this.#rotateFunction.arn;
    const RotationRules = { ScheduleExpression: "rate(4 hours)" };
    await client.send(new RotateSecretCommand({ SecretId, RotationLambdaARN, RotationRules }));
  }

  #secrets(strategy: RotationStrategy): DatabaseSecretEntry[] {
    return this.stack.secrets.map((entry) => ({ ...entry, strategy }));
  }
}
