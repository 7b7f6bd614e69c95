export { type BackupContents, checkBackup } from './check-backup.ts';
export { type RestoreRequest, restoreBackup } from './restore-backup.ts';
export { type BackupRequest, type ServerPlaces, takeBackup } from './take-backup.ts';
