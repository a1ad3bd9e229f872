/** Where the chosen theme is kept: under the name that the script before the first paint reads. */
import { localStorageColorSchemeManager } from "@mantine/core";

export const scheme = localStorageColorSchemeManager({ key: "farthing.theme" });
