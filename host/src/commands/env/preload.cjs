// Lets mem0's JavaScript clients that are given no host ask memt: NODE_OPTIONS="--require FOLDER/preload.cjs".
const HOSTED = "https://api.mem0.ai";
const url = process.env.MEMT_URL;
if (url && globalThis.fetch) {
  const fetch = globalThis.fetch;
  const here = (address) => (address.startsWith(HOSTED) ? url.replace(/\/$/, "") + address.slice(HOSTED.length) : address);
  globalThis.fetch = (input, options) => {
    if (typeof input === "string") return fetch(here(input), options);
    if (input instanceof URL) return fetch(here(input.href), options);
    return fetch(new Request(here(input.url), input), options);
  };
}
