/** Said with every address of a call, as long as servers have no such page. */
export const PAGE_TO_COME = "once its server has the page for calls, which is still to come";

/** Where in a browser a call is answered, or one is made: the web page of the same server. */
export function callPage(server_url: string, call: { readonly call_id: string } | { readonly to: string }): string {
  const url = new URL(server_url);
  url.protocol = /^(wss|https):$/.test(url.protocol) ? "https:" : "http:";
  url.pathname = url.pathname.replace(/\/ws\/?$/, "/");
  const query = "to" in call ? { call_to: call.to } : { call: call.call_id };
  url.search = new URLSearchParams(query).toString();
  return url.toString();
}
