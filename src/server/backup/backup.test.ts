import { testBackup } from './backup.contract.ts';

const inItsFolder = () => Promise.resolve({});

testBackup('everything in a folder', inItsFolder, inItsFolder);
