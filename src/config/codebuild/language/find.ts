import { fieldFinder } from '../../fields/find-field.ts';
import { BUILDSPEC } from './buildspec.ts';

export const CODEBUILD_FIELDS = fieldFinder(BUILDSPEC);
