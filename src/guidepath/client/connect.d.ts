/**
 * Connects to guidepath at `base` and starts asking.
 *
 * `page` is the path to ask about, or a function giving it (default: the path of the address);
 * `locale`, `device` and `fetch` replace what the browser says. `texts` are words by language,
 * e.g. {de: {close: "Zu"}}. For a guidepath of another origin, `token` gives a bearer token; `headers`
 * and `credentials` go with every request. `first` is a decision that the page brought along.
 * Nothing here throws into the page: what fails is tried again later.
 *
 * @param {ConnectOptions} options
 * @returns {Guide}
 */
export function connect(options: ConnectOptions): Guide;
import type { ConnectOptions } from "./types.js";
import type { Guide } from "./types.js";
