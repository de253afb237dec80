import * as pulumi from "@pulumi/pulumi";

export interface DeletionGuardArgs {
  readonly components: readonly pulumi.Resource[];
  /** Created by awsx components: a dependency on such a component does not include its children. */
  readonly children: pulumi.Output<pulumi.Resource[]>[];
}

/**
 * Depends on everything else in the stack and has no resources itself. Pulumi deletes dependents first, so while the
 * guard is protected, `pulumi destroy` stops before it deletes anything. Without it, a destroy deletes whatever the
 * protected database and key do not depend on (the service, the rotation, the alarms) before it fails.
 *
 * Nothing else needs protection for that, so `pulumi up` stays free to change, replace and remove resources.
 */
export class DeletionGuard extends pulumi.ComponentResource {
  constructor(name: string, args: DeletionGuardArgs, opts: pulumi.ComponentResourceOptions) {
    const children = pulumi.all(args.children).apply((lists) => lists.flat());
    const dependsOn = children.apply((resources) => [...args.components, ...resources]);
    super("todo-rotation:components:DeletionGuard", name, {}, { ...opts, dependsOn });
    this.registerOutputs({});
  }
}
