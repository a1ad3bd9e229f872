/** Rows in; a table that scrolls by itself where the page is narrower, by keys too, out. */
import type { ReactNode } from "react";

interface ScrolledProps {
  /** What the table is of. */
  label: string;
  /** As tall as it may get before it scrolls downwards too. */
  maxHeight?: number;
  children: ReactNode;
}

/** The part of a page that scrolls: it can be focused, or keys couldn't reach what lies beyond. */
export function Scrolled({ label, maxHeight, children }: ScrolledProps) {
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label={`${label}, table`} style={{ maxHeight }}>
      {children}
    </div>
  );
}

interface PlainTableProps extends ScrolledProps {
  className?: string;
}

export function PlainTable({ label, maxHeight, className = "", children }: PlainTableProps) {
  return (
    <Scrolled label={label} maxHeight={maxHeight}>
      <table className={`plain ${className}`.trimEnd()}>{children}</table>
    </Scrolled>
  );
}
