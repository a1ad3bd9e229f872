/** The look of Mantine's widgets: their colours and sizes are our tokens. */
import { createTheme, type MantineColorsTuple } from "@mantine/core";

const blue: MantineColorsTuple = [
  "#e6eefb",
  "#cddcf6",
  "#a5c1ee",
  "#7da6e6",
  "#5a8cde",
  "#3f77d3",
  "#2360c5",
  "#1d51a8",
  "#17428a",
  "#11336c",
];

export const theme = createTheme({
  colors: { blue },
  primaryColor: "blue",
  primaryShade: 6,
  defaultRadius: 8,
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace',
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "20px", xl: "27px" },
  respectReducedMotion: true,
  // A menu holds nothing but its items: the first of them takes the focus.
  components: { Menu: { defaultProps: { withInitialFocusPlaceholder: false } } },
});
