/** ECharts with only what our charts use; this file is a chunk of its own, loaded after the first paint. */
import { BarChart, LineChart, PieChart, ScatterChart } from "echarts/charts";
import { AxisPointerComponent, GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, PieChart, ScatterChart, AxisPointerComponent, GridComponent, TooltipComponent, SVGRenderer]);

export { init };
