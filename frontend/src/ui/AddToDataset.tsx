/** Ids of calls or traces in; a button that makes items of a dataset of what was said in them, out. */
import { lazy, Suspense, useState } from "react";
import { lasting } from "../app/lasting.ts";

// A dialog and its fields are half a dozen files, which no list and no trace should wait for.
const Adding = lazy(
  lasting(() => import("./AddingToDataset.tsx").then((loaded) => ({ default: loaded.AddingToDataset }))),
);

/** As many as the server takes at once. */
const MOST = 500;

interface AddToDatasetProps {
  /** Asked for when the dialog is opened: which are meant may change as a list is read. */
  ids: () => readonly string[];
}

export function AddToDataset({ ids }: AddToDatasetProps) {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  return (
    <>
      <button type="button" className="button compact" onClick={() => setChosen(ids().slice(0, MOST))}>
        Add to dataset
      </button>
      {chosen.length > 0 && (
        <Suspense>
          <Adding ids={chosen} close={() => setChosen([])} />
        </Suspense>
      )}
    </>
  );
}
