/** What a row, a banner or a line of a form lets one do in; a button as small as may be pressed, out. */
import { Button, type ButtonProps } from "@mantine/core";
import type { ComponentPropsWithoutRef } from "react";

type RowButtonProps = ButtonProps & Omit<ComponentPropsWithoutRef<"button">, keyof ButtonProps>;

/** Not less than 24 px high: fingers must hit it (WCAG 2.5.8). */
export function RowButton(props: RowButtonProps) {
  return <Button size="compact-xs" mih={24} variant="subtle" {...props} />;
}
