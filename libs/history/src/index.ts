export { HistoryFile, IN_MEMORY } from './store/history-file.ts'
