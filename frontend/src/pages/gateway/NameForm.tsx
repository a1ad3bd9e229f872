/** What is to be named and where it is kept in; one made with a slug, or given another name, out. */
import { Switch, TextInput } from "@mantine/core";
import { useState } from "react";
import { send } from "../../api/client.ts";
import { useDoing } from "../../ui/doing.ts";
import { Form } from "../../ui/Form.tsx";

interface Named {
  slug: string;
  name: string;
  is_production?: boolean;
}

interface NameFormProps {
  /** A config, an environment … */
  kind: string;
  path: string;
  of: Named | undefined;
  close: () => void;
}

export function NameForm({ kind, path, of, close }: NameFormProps) {
  const doing = useDoing();
  const [slug, setSlug] = useState(of?.slug ?? "");
  const [name, setName] = useState(of?.name ?? "");
  const [production, setProduction] = useState(of?.is_production ?? false);
  const isEnvironment = kind === "environment";
  const wanted = { name, ...(isEnvironment ? { is_production: production } : {}) };
  return (
    <Form
      title={of ? `Change ${of.slug}` : `Add ${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind}`}
      save={() =>
        doing.run(
          () => (of ? send("PATCH", `${path}/${of.slug}`, {}, wanted) : send("POST", path, {}, { ...wanted, slug })),
          close,
        )
      }
      close={close}
      doing={doing}
      wrong={!slug}
    >
      {!of && (
        <TextInput
          label="Slug"
          description="a-z, 0-9, -, _ and . It stays as it is: applications name it."
          required
          data-autofocus
          value={slug}
          onChange={(e) => setSlug(e.currentTarget.value)}
        />
      )}
      <TextInput label="Name" value={name} onChange={(e) => setName(e.currentTarget.value)} />
      {isEnvironment && (
        <Switch
          label="Production: keys that name no environment belong to it"
          checked={production}
          onChange={(e) => setProduction(e.currentTarget.checked)}
        />
      )}
    </Form>
  );
}
