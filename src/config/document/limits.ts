/**
 * Bounds on what one file may hold. The text bound is GitLab's default for a configuration file, the depth bound its
 * bound on nesting; the node bound counts every alias as the copy it stands for, which is what disarms a YAML bomb.
 */
export const MAX_TEXT = 2 * 1024 * 1024;
export const MAX_DEPTH = 100;
export const MAX_NODES = 1_000_000;
