import { sqliteDatabases } from '../../store/test-support/test-databases.ts';
import { describeMergeRequests } from './merge-requests.contract.ts';

describeMergeRequests(sqliteDatabases);
