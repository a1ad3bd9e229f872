/** Attributes in; a list of them that can be searched and copied, out. */
import { TextInput } from "@mantine/core";
import { useState } from "react";
import { Copy } from "./Copy.tsx";
import { Json } from "../../ui/Json.tsx";

type Bag = Record<string, unknown>;

const SEARCHED_FROM = 8;

function written(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function Attributes({ own, resource = {} }: { own: Bag; resource?: Bag }) {
  const [text, setText] = useState("");
  const sought = text.trim().toLowerCase();
  const kept = (bag: Bag) =>
    Object.entries(bag)
      .filter(([name, value]) => !sought || `${name} ${written(value)}`.toLowerCase().includes(sought))
      .sort(([one], [other]) => (one < other ? -1 : 1));
  const count = Object.keys(own).length + Object.keys(resource).length;
  return (
    <>
      {count >= SEARCHED_FROM && (
        <TextInput
          size="xs"
          mb={6}
          aria-label="Search attributes"
          placeholder="Search names and values"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
      <Listed entries={kept(own)} />
      {Object.keys(resource).length > 0 && (
        <>
          <h3>Resource</h3>
          <Listed entries={kept(resource)} />
        </>
      )}
    </>
  );
}

function Listed({ entries }: { entries: [string, unknown][] }) {
  if (!entries.length) return <p className="muted">None.</p>;
  return (
    <dl className="span-attributes">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>
            <Copy text={`${name}=${written(value)}`} label={name} />
          </dt>
          <dd>
            <Json value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
