import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { describeBlobs } from './blobs.contract.ts';
import { openFolderBlobs } from './folder-blobs.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-blobs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeBlobs('a folder', () => openFolderBlobs(folder));
