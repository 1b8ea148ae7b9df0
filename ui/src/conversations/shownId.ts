/** An id as it can be seen and pressed: one of nothing but spaces or invisible characters is written out. */
export function shownId(id: string): string {
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(id) ? id : JSON.stringify(id);
}
