/** The name to try when one is taken: name_2, then name_3 … */
export function nextName(username: string): string {
  const numbered = /^(.*)_([2-9]|[1-9]\d+)$/su.exec(username);
  if (numbered === null) return `${username}_2`;
  return `${numbered[1] ?? ""}_${Number(numbered[2]) + 1}`;
}
