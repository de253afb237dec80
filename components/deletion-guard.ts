import * as pulumi from "@pulumi/pulumi";

/**
 * Depends on everything else of the stack and has no resources itself. Pulumi deletes dependents first, so while the
 * guard is protected, `pulumi destroy` stops before it deletes anything. Without it, a destroy deletes whatever the
 * protected database and key do not depend on (the service, the rotation, the alarms) before it fails.
 *
 * Nothing else needs protection for that, so resources stay free to be changed, replaced and removed by `pulumi up`.
 */
export class DeletionGuard extends pulumi.ComponentResource {
  constructor(name: string, opts: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:DeletionGuard", name, {}, opts);
    this.registerOutputs({});
  }
}
