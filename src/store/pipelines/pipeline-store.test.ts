import { sqliteDatabases } from '../test-support/test-databases.ts';
import { describePipelineStore } from './pipeline-store.contract.ts';

describePipelineStore(sqliteDatabases, 25);
