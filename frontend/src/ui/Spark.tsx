/** A few values in; a line without axes under a tile's text, with a gap where nothing is known, out. */

const [WIDE, HIGH] = [200, 24];

export function Spark({ values }: { values: readonly (number | null)[] }) {
  const most = Math.max(...values.map((value) => value ?? 0), 0);
  if (!most || values.length < 2) return <div className="spark" />;
  return (
    <svg className="spark" viewBox={`0 0 ${WIDE} ${HIGH}`} preserveAspectRatio="none" aria-hidden>
      <path d={path(values, most)} />
    </svg>
  );
}

/** One path, so that it costs one node. */
export function path(values: readonly (number | null)[], most: number): string {
  let pen = "M";
  return values
    .map((value, at) => {
      if (value === null) {
        pen = "M";
        return "";
      }
      const x = (at / (values.length - 1)) * WIDE;
      const y = HIGH - 1 - (value / most) * (HIGH - 2);
      const step = `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
      pen = "L";
      return step;
    })
    .join("");
}
