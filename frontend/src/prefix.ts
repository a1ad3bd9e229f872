/** Where the server is mounted: the page's base address, without the last slash. */
export const PREFIX = new URL(document.baseURI).pathname.replace(/\/$/, "");
