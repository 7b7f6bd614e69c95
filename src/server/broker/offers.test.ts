import { sqliteDatabases } from '../../store/test-support/test-databases.ts';
import { describeOffers } from './offers.contract.ts';

describeOffers(sqliteDatabases);
