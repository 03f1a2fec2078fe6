/** The elements of a header that is a list. Empty ones are left out (RFC 9110, section 5.6.1). */
export function headerList(header: string | readonly string[] | undefined): string[] {
  const text = typeof header === "string" ? header : (header ?? []).join(",");
  return text
    .split(",")
    .map((element) => element.trim())
    .filter((element) => element !== "");
}
