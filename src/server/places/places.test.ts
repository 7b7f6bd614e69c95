import { sqliteDatabases } from '../../store/test-support/test-databases.ts';
import { describePlacesOnServer } from './places.contract.ts';

describePlacesOnServer(sqliteDatabases);
