/** The key or token of a header `Authorization: Bearer …`; undefined for another scheme. The scheme has no case. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^Bearer +([\x21-\x7e]{1,512})$/i.exec(authorization)?.[1];
}
