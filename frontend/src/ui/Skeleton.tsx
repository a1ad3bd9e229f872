/** A size in; the place of what is on its way, out. */
interface SkeletonProps {
  height: number;
  width?: number;
}

export function Skeleton({ height, width }: SkeletonProps) {
  return <div className="skeleton" style={{ height, width }} />;
}
