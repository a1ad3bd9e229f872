/** Words that a list is narrowed by, kept in the address. */
import { TextInput } from "@mantine/core";
import { usePlace } from "../app/place.ts";
import { first } from "../url.ts";

/** What stands in the address now. */
export function useWords(): string {
  return first(usePlace().search, "words") ?? "";
}

export function Find({ what, hint = "Find" }: { what: string; hint?: string }) {
  const { change } = usePlace();
  return (
    <TextInput
      size="xs"
      aria-label={`Find ${what}`}
      placeholder={hint}
      defaultValue={useWords()}
      onChange={(event) => {
        const said = event.currentTarget.value;
        change(({ words: _, ...rest }) => (said ? { ...rest, words: said } : rest), { replace: true });
      }}
    />
  );
}
