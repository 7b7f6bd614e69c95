import { describeSources } from '../../test-support/sources-contract.ts';
import { memorySources } from './memory-sources.ts';

describeSources('memorySources', async (files) => memorySources(files));
