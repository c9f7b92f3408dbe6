// What the server takes. It judges for itself; the pages only tell it earlier.

export const MAX_BYTES = 50 * 1024 * 1024;
export const MIN_SECS = 1;
