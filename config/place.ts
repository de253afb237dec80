/** The regions of partition aws: ARNs and service names of this stack are written for it alone. */
const regionPattern = /^(us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+$/;

/** What is wrong with the region, as a finding. */
export function refuseRegion(region: string): string[] {
  if (regionPattern.test(region)) return [];
  const received = region === "" ? "nothing" : `"${region}"`;
  return [
    `aws:region: received ${received}, accepted is an AWS Region, for example us-east-1; ` +
      "not one of China, GovCloud or another partition",
  ];
}

/**
 * What every resource takes that is named after project and stack: a key's alias, a dashboard and a task family know no
 * dot, a snapshot no underscore and no hyphen but between two others. The trail has the shortest name, 128 characters.
 */
const stackNamePattern = /^(?=.{1,128}$)[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$/;

/** What is wrong with the stack's name, as a finding. */
export function refuseStackName(projectAndStack: string, stack: string): string[] {
  if (stackNamePattern.test(projectAndStack)) return [];
  return [
    `stack: received "${stack}", accepted is a name of letters, digits and single hyphens between them, ` +
      `of 128 characters at most as ${projectAndStack}: alias, dashboard, task definition, trail and snapshot are named so`,
  ];
}
