/** What `slipway.yml` says. */
export interface Settings {
  /** In the order of the file. */
  readonly builders: readonly BuilderMapping[];
  readonly cloudbuild: CloudbuildSettings;
  readonly codebuild: CodebuildSettings;
}

/** What takes the place of an image that steps name. */
export interface BuilderMapping {
  /** An image's name, or the start of some with a `*` behind. */
  readonly image: string;
  readonly to:
    | { readonly kind: 'image'; readonly name: string }
    /** A program of this machine. */
    | { readonly kind: 'command'; readonly program: string };
}

export interface CloudbuildSettings {
  /** `$PROJECT_ID`; null: not said. */
  readonly project: string | null;
  /** `$PROJECT_NUMBER`; null: not said. */
  readonly projectNumber: string | null;
  /** `$LOCATION`; null: not said. */
  readonly location: string | null;
  /** Whether images are pushed without being asked for. */
  readonly push: 'manual' | 'automatic';
}

export interface CodebuildSettings {
  /** A buildspec with a `batch` is the builds of it; without, it is one build. */
  readonly batch: boolean;
}

export const NO_SETTINGS: Settings = {
  builders: [],
  cloudbuild: { project: null, projectNumber: null, location: null, push: 'manual' },
  codebuild: { batch: true },
};
