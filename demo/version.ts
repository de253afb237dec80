/** A version id, shortened for people. */
export function shortVersion(versionId: string): string {
  return versionId.slice(0, 8);
}

/** A text that the demo makes other parts log after a rotation, to find it there. */
export function markerOf(versionId: string): string {
  return `after-rotation-${versionId}`;
}
