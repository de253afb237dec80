/** A version id as people read it. */
export function shortVersion(versionId: string): string {
  return versionId.slice(0, 8);
}

/** What the demo has others write into their logs after a rotation, to find it there. */
export function markerOf(versionId: string): string {
  return `after-rotation-${versionId}`;
}
