/** The page's very start: what it asks first goes out while the rest of its code is still on its way. */
import { askEarly } from "./api/early.ts";
import { addresses } from "./first.ts";
import { PREFIX } from "./prefix.ts";

for (const url of addresses(PREFIX, window.location)) askEarly(url);
