/** The ref at which a merge request's head is kept, whatever becomes of its branch. */
export function mergeRequestRef(iid: number): string {
  return `refs/merge-requests/${iid}/head`;
}
