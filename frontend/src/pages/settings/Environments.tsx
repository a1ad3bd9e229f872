/** The environments and configs that calls named, and what each cost. */
import { Observed } from "../../ui/Observed.tsx";

const FINDING = "as calls name them; nobody has to make one first";

export function Environments() {
  return (
    <div className="stack">
      <Observed
        by="environment"
        title="Environments"
        finding={FINDING}
        empty="Set deployment.environment.name, and it stands here."
      />
      <Observed by="config" title="Configs" finding={FINDING} empty="Set farthing.config, and it stands here." />
    </div>
  );
}
