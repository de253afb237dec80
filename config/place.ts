/** The regions of partition aws: this stack's ARNs and service names hold only there. */
const regionPattern = /^(us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+$/;

/** What is wrong with the region, as a finding. */
export function refuseRegion(region: string): string[] {
  if (regionPattern.test(region)) return [];
  const received = region === "" ? "nothing" : `"${region}"`;
  return [
    `aws:region: received ${received}, accepted is an AWS Region, for example us-east-1, ` +
      "but not in China, GovCloud or another partition",
  ];
}

/**
 * What all resources named after project and stack accept: a key's alias, a dashboard and a task family allow no dot, a
 * snapshot no underscore and hyphens only between other characters. The trail has the lowest limit, 128 characters.
 */
const stackNamePattern = /^(?=.{1,128}$)[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$/;

/** What is wrong with the stack's name, as a finding. */
export function refuseStackName(projectAndStack: string, stack: string): string[] {
  if (stackNamePattern.test(projectAndStack)) return [];
  return [
    `stack: received "${stack}", accepted is a name of letters, digits and single hyphens between them, ` +
      `at most 128 characters as ${projectAndStack}: the alias, dashboard, task definition, trail and snapshot have that name`,
  ];
}
